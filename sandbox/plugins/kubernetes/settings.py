"""What does a provider's configuration say, and is there anything in it that this stand-in does not know?

Values arrive as the engine keeps them: booleans as `true` or `"true"`, structures as JSON in a string. An environment
variable stands behind each switch, as in the official provider.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.plugins.kubernetes.errors import RefusedError
from sandbox.plugins.properties import Unknown

_SWITCHES: Final = {
    "deleteUnreachable": "PULUMI_K8S_DELETE_UNREACHABLE",
    "enableConfigMapMutable": "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE",
    "enablePatchForce": "PULUMI_K8S_ENABLE_PATCH_FORCE",
    "enableSecretMutable": "PULUMI_K8S_ENABLE_SECRET_MUTABLE",
    "enableServerSideApply": "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY",
    "skipUpdateUnreachable": "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE",
    "suppressDeprecationWarnings": "PULUMI_K8S_SUPPRESS_DEPRECATION_WARNINGS",
    "suppressHelmHookWarnings": "PULUMI_K8S_SUPPRESS_HELM_HOOK_WARNINGS",
    "upsertExistingObjects": "PULUMI_K8S_UPSERT_EXISTING_OBJECTS",
}
_TEXTS: Final = frozenset({"cluster", "clusterIdentifier", "context", "kubeconfig", "namespace"})
_STRUCTURES: Final = frozenset({"kubeClientSettings"})
_ENGINE: Final = frozenset({"version", "pluginDownloadURL", "pluginChecksums", "parameterization", "__internal"})
_NOT_HERE: Final = frozenset({"alwaysRender", "renderYamlToDirectory", "helmReleaseSettings"})
KNOWN: Final = frozenset(_SWITCHES) | _TEXTS | _STRUCTURES


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A provider's configuration. `timeout` is that of one request, in seconds."""

    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    namespace: str = ""
    delete_unreachable: bool = False
    skip_update_unreachable: bool = False
    patch_force: bool = False
    upsert: bool = False
    mutable_config_maps: bool = False
    mutable_secrets: bool = False
    timeout: float = 30.0


def faults(tree: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with a configuration, by key; empty if nothing is."""
    found: dict[str, str] = {}
    for key, value in tree.items():
        if key in _NOT_HERE:
            found[key] = f'the sandbox\'s kubernetes provider does not do "{key}"; leave it out'
        elif key not in KNOWN | _ENGINE:
            found[key] = f'"{key}" is no setting of the kubernetes provider (known: {", ".join(sorted(KNOWN))})'
        elif key in _SWITCHES and not isinstance(value, Unknown) and _truth(value) is None:
            found[key] = f'"{key}" is {value!r}; it must be true or false'
    if _truth(tree.get("enableServerSideApply")) is False:
        found["enableServerSideApply"] = (
            '"enableServerSideApply" is false, but the sandbox always applies server-side; leave it out'
        )
    return found


def parse(tree: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """Read a configuration whose values are all known. Raises `RefusedError` with all its faults."""
    if found := faults(tree):
        raise RefusedError("; ".join(found.values()))

    def switch(key: str) -> bool:
        given = _truth(tree.get(key))
        return environment.get(_SWITCHES[key]) == "true" if given is None else given

    client = _structure(tree.get("kubeClientSettings"))
    return Settings(
        kubeconfig=_text(tree.get("kubeconfig")),
        context=_text(tree.get("context")),
        cluster=_text(tree.get("cluster")),
        namespace=_text(tree.get("namespace")),
        delete_unreachable=switch("deleteUnreachable"),
        skip_update_unreachable=switch("skipUpdateUnreachable"),
        patch_force=switch("enablePatchForce"),
        upsert=switch("upsertExistingObjects"),
        mutable_config_maps=switch("enableConfigMapMutable"),
        mutable_secrets=switch("enableSecretMutable"),
        timeout=float(client.get("timeout") or 30.0),
    )


def _truth(value: Any) -> bool | None:
    return {True: True, False: False, "true": True, "false": False}.get(value) if not isinstance(value, dict) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _structure(value: Any) -> Mapping[str, Any]:
    parsed = json.loads(value) if isinstance(value, str) and value else value
    return parsed if isinstance(parsed, Mapping) else {}
