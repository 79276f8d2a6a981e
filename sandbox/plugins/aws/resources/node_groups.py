"""`eks.NodeGroup`: the machines that EKS manages for a cluster."""

from typing import Any

from botocore.exceptions import ClientError

from sandbox.plugins.aws.call import Call, WaitFailedError, code, unless_missing
from sandbox.plugins.aws.resources.settling import until_active
from sandbox.plugins.aws.resources.tagging import change_eks, own
from sandbox.plugins.aws.schema import (
    REGION,
    TAGS,
    AutoName,
    ResourceType,
    Timeouts,
    Tree,
    block,
    blocks,
    flag,
    labels,
    number,
    text,
    texts,
)

_SCALING = {name: number(required=True) for name in ("desiredSize", "minSize", "maxSize")}
_TAINT = {"key": text(required=True), "value": text(), "effect": text(required=True)}
_TEMPLATE = {
    "id": text(computed=True, replaces=True),
    "name": text(computed=True, replaces=True),
    "version": text(required=True),
}
_PLAIN = ("amiType", "capacityType", "diskSize", "version", "releaseVersion", "instanceTypes", "labels", "taints")
_FAILED = ("CREATE_FAILED", "DELETE_FAILED", "DEGRADED")


def create(call: Call, inputs: Tree) -> str:
    """Ask for a node group; its id is `<cluster>:<group>`."""
    cluster, group = inputs["clusterName"], inputs["nodeGroupName"]
    optional = {name: inputs.get(name) for name in (*_PLAIN, "updateConfig", "launchTemplate", "tags")}
    call.client("eks").create_nodegroup(
        clusterName=cluster,
        nodegroupName=group,
        nodeRole=inputs["nodeRoleArn"],
        subnets=inputs["subnetIds"],
        scalingConfig=_whole(inputs["scalingConfig"]),
        **{name: value for name, value in optional.items() if value},
    )
    return f"{cluster}:{group}"


def settle(call: Call, identifier: str, _inputs: Tree) -> None:
    """Wait until the group is ACTIVE: its nodes are there."""
    until_active(
        call,
        f"node group {identifier}",
        lambda: _describe(call, identifier),
        failed=_FAILED,
        reason=lambda issue: f"{issue.get('code')}: {issue.get('message')}",
    )


def read(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a node group; imported as `<cluster>:<group>`."""
    group = _describe(call, identifier)
    if group is None:
        return None
    resources = group.get("resources") or {}
    scaling_groups = [{"name": item.get("name", "")} for item in resources.get("autoScalingGroups") or []]
    security_group = resources.get("remoteAccessSecurityGroup") or ""
    return {
        "region": call.region,
        "clusterName": group["clusterName"],
        "nodeGroupName": group["nodegroupName"],
        "nodeRoleArn": group["nodeRole"],
        "subnetIds": group["subnets"],
        "scalingConfig": group.get("scalingConfig") or {},
        "updateConfig": group.get("updateConfig") or {},
        "launchTemplate": group.get("launchTemplate"),
        **{name: group.get(name) for name in _PLAIN},
        "labels": group.get("labels") or {},
        "taints": group.get("taints") or [],
        "tags": own(group.get("tags")),
        "arn": group["nodegroupArn"],
        "status": group["status"],
        "resources": [{"autoscalingGroups": scaling_groups, "remoteAccessSecurityGroupId": security_group}],
    }


def update(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change size, labels, taints, version and tags, one update at a time."""
    eks = call.client("eks")
    cluster, _, group = identifier.partition(":")
    names = {"clusterName": cluster, "nodegroupName": group}
    if request := _config_request(old, new):
        _run(call, identifier, eks.update_nodegroup_config(**names, **request))
    versions = {name: new[name] for name in ("version", "releaseVersion") if _moved(name, old, new)}
    if _moved("launchTemplate", old, new):
        versions["launchTemplate"] = new["launchTemplate"]
    if versions:
        force = bool(new.get("forceUpdateVersion"))
        _run(call, identifier, eks.update_nodegroup_version(**names, force=force, **versions))
    arn = (_describe(call, identifier) or {}).get("nodegroupArn", "")
    change_eks(call, arn, old, new)


def delete(call: Call, identifier: str, _state: Tree) -> None:
    """Delete a node group and wait until it is gone."""
    cluster, _, group = identifier.partition(":")
    unless_missing(lambda: call.client("eks").delete_nodegroup(clusterName=cluster, nodegroupName=group))

    def gone() -> bool:
        found = _describe(call, identifier)
        if found and found.get("status") == "DELETE_FAILED":
            raise WaitFailedError(f"node group {identifier} cannot be deleted: {found.get('health')}")
        return found is None

    call.wait(f"node group {identifier} gone", gone)


def check(inputs: Tree) -> list[tuple[str, str]]:
    """A size must lie between its limits, as EKS demands."""
    sizes = inputs.get("scalingConfig")
    if not isinstance(sizes, dict) or not all(isinstance(sizes.get(name), int) for name in _SCALING):
        return []
    if not 0 <= sizes["minSize"] <= sizes["desiredSize"] <= sizes["maxSize"] or sizes["maxSize"] < 1:
        text_ = ", ".join(f"{name} {sizes[name]}" for name in _SCALING)
        return [("scalingConfig", f"minSize <= desiredSize <= maxSize and maxSize >= 1 are needed; given: {text_}")]
    return []


def _config_request(old: Tree, new: Tree) -> dict[str, Any]:
    request: dict[str, Any] = {}
    if _moved("scalingConfig", old, new):
        request["scalingConfig"] = _whole(new["scalingConfig"])
    if _moved("updateConfig", old, new):
        request["updateConfig"] = new["updateConfig"]
    before, after = old.get("labels") or {}, new.get("labels") or {}
    if before != after:
        changed = {key: value for key, value in after.items() if before.get(key) != value}
        request["labels"] = {"addOrUpdateLabels": changed, "removeLabels": sorted(before.keys() - after.keys())}
    was, is_ = old.get("taints") or [], new.get("taints") or []
    if was != is_:
        gone = [taint for taint in was if taint not in is_]
        request["taints"] = {"addOrUpdateTaints": [t for t in is_ if t not in was], "removeTaints": gone}
    return request


def _moved(name: str, old: Tree, new: Tree) -> bool:
    return new.get(name) is not None and old.get(name) != new.get(name)


def _whole(sizes: Tree) -> dict[str, int]:
    return {name: int(value) for name, value in sizes.items()}


def _run(call: Call, identifier: str, response: Any) -> None:
    cluster, _, group = identifier.partition(":")
    update_id = response["update"]["id"]
    eks = call.client("eks")

    def done() -> bool:
        try:
            found = eks.describe_update(name=cluster, nodegroupName=group, updateId=update_id)["update"]
        except ClientError as error:
            raise WaitFailedError(f"update {update_id} of {identifier} cannot be followed: {code(error)}") from error
        if found["status"] in ("Failed", "Cancelled"):
            raise WaitFailedError(f"update {update_id} of {identifier} is {found['status']}: {found.get('errors')}")
        return bool(found["status"] == "Successful")

    call.wait(f"update of node group {identifier}", done)


def _describe(call: Call, identifier: str) -> Any:
    cluster, _, group = identifier.partition(":")
    eks = call.client("eks")
    response = unless_missing(lambda: eks.describe_nodegroup(clusterName=cluster, nodegroupName=group))
    return response["nodegroup"] if response else None


TYPES = (
    ResourceType(
        name="aws:eks/nodeGroup:NodeGroup",
        properties={
            "clusterName": text(required=True, replaces=True),
            "nodeGroupName": text(replaces=True),
            "nodeRoleArn": text(required=True, replaces=True),
            "subnetIds": texts(required=True, replaces=True),
            "scalingConfig": block(_SCALING, required=True),
            "updateConfig": block({"maxUnavailable": number(), "maxUnavailablePercentage": number()}, computed=True),
            "launchTemplate": block(_TEMPLATE),
            "amiType": text(replaces=True, computed=True),
            "capacityType": text(replaces=True, computed=True),
            "diskSize": number(replaces=True, computed=True),
            "forceUpdateVersion": flag(),
            "instanceTypes": texts(replaces=True, computed=True, unordered=False),
            "labels": labels(),
            "taints": blocks(_TAINT),
            "version": text(computed=True),
            "releaseVersion": text(computed=True),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=("arn", "status", "resources"),
        create=create,
        settle=settle,
        read=read,
        update=update,
        delete=delete,
        check=check,
        autoname=AutoName(
            property="nodeGroupName",
            longest=63,
            pattern=r"[0-9A-Za-z][A-Za-z0-9_-]*",
            allowed="letters, digits, _ and -, the first one a letter or digit",
        ),
        timeouts=Timeouts(create=3600.0, update=3600.0, delete=3600.0),
    ),
)
