"""Does a change of a provider's configuration mean another cluster?

If it does, everything on it is replaced, so this is the most dangerous question here. With `clusterIdentifier` set
before and after, only its own change means another cluster; without, what the kubeconfig says of the selected cluster
counts, and a value that is not known yet counts as another one, as in the official provider.
"""

from collections.abc import Mapping
from typing import Any, Final

from sandbox.plugins.kubernetes import kubeconfig
from sandbox.plugins.properties import Unknown

_SELECTING: Final = ("kubeconfig", "context", "cluster")


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """List the keys whose values differ."""
    return sorted(key for key in old.keys() | new.keys() if _differs(old.get(key), new.get(key)))


def replaced(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """List the keys whose change means another cluster; empty if it is the same one."""
    before, after = old.get("clusterIdentifier"), new.get("clusterIdentifier")
    if before and after:
        return ["clusterIdentifier"] if _differs(before, after) else []
    differing = [key for key in _SELECTING if _differs(old.get(key), new.get(key))]
    unknown = [key for key in differing if isinstance(new.get(key), Unknown)]
    if unknown:
        return unknown
    was, will = _cluster(old), _cluster(new)
    return differing if was is not None and will is not None and was != will else []


def _differs(before: Any, after: Any) -> bool:
    return isinstance(after, Unknown) or before != after


def _cluster(configuration: Mapping[str, Any]) -> Mapping[str, Any] | None:
    def text(key: str) -> str:
        value = configuration.get(key)
        return value if isinstance(value, str) else ""

    return kubeconfig.active_cluster(text("kubeconfig"), context=text("context"), cluster=text("cluster"))
