"""Report mistyped keys of a stack's config.

Pulumi accepts any key, so a mistyped one would have no effect and no warning: a guard could be missing unnoticed. Text
values under the program's own namespace are allowed, because documents refer to them by ``valueFrom``, as they do to
secrets. They are reported only where their key is very close to one of the program's keys.
"""

from collections.abc import Mapping
from typing import Any, Final

from federation.api.config.stack import NAMESPACE
from federation.errors import suggestions
from federation.errors.fault import Fault
from federation.errors.source import Source

__all__ = ["KEYS", "faults"]

KEYS: Final = ("federation", "members", "workloads", "plan", "guard", "dns")
ALIKE: Final = 0.8  # "workloadToken" is not a misspelt "workloads", but a valid name of a value


def faults(config: Mapping[str, Any], source: Source) -> tuple[Fault, ...]:
    """An error for each mistyped key of ``config``; ``source`` has their lines under ``("config", <key>)``."""
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
