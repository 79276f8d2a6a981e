"""Read an exported state: the outputs of its stack, and what the federation keeps for its next update.

Secrets are texts in an export with secrets, and else one placeholder text.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from federation.plan.changes import cluster_identity, memory
from federation.plan.model import standing
from federation.plan.model.trees import mapping, mappings

__all__ = ["INFRASTRUCTURE", "OPEN", "STACK", "URNS", "WRITTEN", "joined", "outputs"]

URNS: Final = " urns"  # no output of a program has a name like these two
INFRASTRUCTURE: Final = " infrastructure"
OPEN: Final = " open operations"
WRITTEN: Final = " written"
STACK: Final = "pulumi:pulumi:Stack"
_MEMBERSHIP: Final = "eks-federation:index:Membership"
_CLUSTER: Final = "eks-federation:index:EksCluster"
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 -- how Pulumi marks one
_HIDDEN: Final = "[secret]"


def outputs(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """The stack's outputs by name, with those of its federations in place of those of an earlier version.

    ``URNS`` has the URNs of all resources, ``INFRASTRUCTURE`` the outputs of resources on AWS by URN. ``OPEN`` counts
    the operations that a killed run has left, ``WRITTEN`` is when the state was written.
    """
    deployment = mapping(state["deployment"])
    resources = [each for each in mappings(deployment.get("resources")) if not each.get("delete")]
    stack = next((_outputs(each) for each in resources if each.get("type") == STACK), {})
    left = memory.join_outputs(_by_urn(resources, memory.COMPONENT))
    more: dict[str, Any] = {
        "identities": _texts(resources, _MEMBERSHIP, "identity"),
        "roles": _texts(resources, _CLUSTER, "roleArn"),
    }
    on_aws = {str(each["urn"]): _outputs(each) for each in resources if standing.is_needed(str(each.get("urn")))}
    more[INFRASTRUCTURE] = on_aws
    more[OPEN] = len(mappings(deployment.get("pending_operations")))
    more[WRITTEN] = str(mapping(deployment.get("manifest")).get("time", ""))
    return {**stack, **left, **more, URNS: sorted(str(each["urn"]) for each in resources if "urn" in each)}


def joined(trees: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The outputs of several stacks as those of one: mappings and lists together, of other values the first one."""
    found: dict[str, Any] = {}
    for tree in trees:
        for name, value in tree.items():
            before = found.get(name)
            if isinstance(before, Mapping) and isinstance(value, Mapping):
                found[name] = {**before, **value}
            elif isinstance(before, list) and isinstance(value, list):
                found[name] = [*before, *value]
            elif not before:
                found[name] = value
    return found


def _by_urn(resources: Iterable[Mapping[str, Any]], token: str) -> dict[str, Mapping[str, Any]]:
    return {str(each["urn"]): _outputs(each) for each in resources if each.get("type") == token}


def _texts(resources: Iterable[Mapping[str, Any]], token: str, name: str) -> Mapping[str, str]:
    """By member, one output of its resources of a type."""
    found = _by_urn(resources, token)
    values = {urn.rpartition("::")[2].partition("/")[0]: tree.get(name) for urn, tree in sorted(found.items())}
    return cluster_identity.from_output(values)


def _outputs(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping(_plain(resource.get("outputs")))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET:
            return _plain(json.loads(value["plaintext"])) if "plaintext" in value else _HIDDEN
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value
