"""Which keys of a stack's config are meant for this program, and are none of its keys?

Pulumi takes any key, and so would a mistyped one be passed over in silence: a guard that is not there guards nothing.
Texts under the program's own namespace are left alone unless they are nearly called as one of its keys: they are what
documents refer to by ``valueFrom``, as secrets are.
"""

from collections.abc import Mapping
from typing import Any, Final

from federation.api.config.stack import NAMESPACE
from federation.errors import suggestions
from federation.errors.fault import Fault
from federation.errors.source import Source

__all__ = ["KEYS", "faults"]

KEYS: Final = ("federation", "members", "workloads", "plan", "guard", "dns")
ALIKE: Final = 0.8  # "workloadToken" is no misspelt "workloads", and is the name of a good value


def faults(config: Mapping[str, Any], source: Source) -> tuple[Fault, ...]:
    """An error for each such key of ``config``, whose lines ``source`` has under ``("config", <key>)``."""
    return tuple(_fault(key, source) for key, value in config.items() if _is_mistyped(key, value))


def _is_mistyped(key: str, value: Any) -> bool:
    namespace, _, name = key.rpartition(":")
    # Pulumi reads a key without a namespace as the project's.
    own = namespace in (NAMESPACE, "")
    is_group = isinstance(value, Mapping | list)
    if key == f"{NAMESPACE}:{name}" and name in KEYS:
        return False
    if is_group and "secure" in value:
        return False
    if name in KEYS:
        return own or bool(suggestions.nearest(namespace, [NAMESPACE], cutoff=ALIKE))
    return own and (is_group or bool(suggestions.nearest(name, KEYS, cutoff=ALIKE)))


def _fault(key: str, source: Source) -> Fault:
    name = key.rpartition(":")[2]
    remedy = suggestions.remedy(f"{NAMESPACE}:{name}", [f"{NAMESPACE}:{each}" for each in KEYS])
    return Fault(place=source.place("config", key), where=key, message="this key is not known here", remedy=remedy)
