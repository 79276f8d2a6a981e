"""`eks.Cluster`: the control plane, from the create call until it is ACTIVE, and its changes in place."""

from typing import Any

from sandbox.plugins.aws.call import Call, WaitFailedError, unless_missing
from sandbox.plugins.aws.resources.dependencies import when_free
from sandbox.plugins.aws.resources.settling import until_active
from sandbox.plugins.aws.resources.tagging import change_eks, own
from sandbox.plugins.aws.schema import REGION, TAGS, AutoName, ResourceType, Timeouts, Tree, block, flag, text, texts

_VPC_FIELDS = {
    "subnetIds": texts(required=True),
    "securityGroupIds": texts(),
    "endpointPrivateAccess": flag(default=False),
    "endpointPublicAccess": flag(computed=True),
    "publicAccessCidrs": texts(computed=True),
    "clusterSecurityGroupId": text(computed=True),
    "vpcId": text(computed=True),
}
_NETWORK_FIELDS = {
    "elasticLoadBalancing": block({"enabled": flag(computed=True)}, computed=True),
    "ipFamily": text(computed=True, replaces=True),
    "serviceIpv4Cidr": text(computed=True, replaces=True),
    "serviceIpv6Cidr": text(computed=True),
}
_ACCESS_FIELDS = {
    "authenticationMode": text(computed=True),
    "bootstrapClusterCreatorAdminPermissions": flag(replaces=True, computed=True),
}
_COMPUTE_FIELDS = {"enabled": flag(), "nodePools": texts(), "nodeRoleArn": text(computed=True)}


def create(call: Call, inputs: Tree) -> str:
    """Ask for a cluster; its id is its name."""
    optional = {
        "version": inputs.get("version"),
        "kubernetesNetworkConfig": _given(inputs.get("kubernetesNetworkConfig"), _NETWORK_FIELDS),
        "accessConfig": _given(inputs.get("accessConfig"), _ACCESS_FIELDS),
        "computeConfig": _given(inputs.get("computeConfig"), _COMPUTE_FIELDS),
        "storageConfig": inputs.get("storageConfig"),
        "upgradePolicy": inputs.get("upgradePolicy"),
        "deletionProtection": inputs.get("deletionProtection"),
        "logging": _logging(inputs),
    }
    call.client("eks").create_cluster(
        name=inputs["name"],
        roleArn=inputs["roleArn"],
        resourcesVpcConfig=_vpc_request(inputs["vpcConfig"]),
        bootstrapSelfManagedAddons=bool(inputs.get("bootstrapSelfManagedAddons", True)),
        tags=inputs.get("tags") or {},
        **{key: value for key, value in optional.items() if value},
    )
    return str(inputs["name"])


def settle(call: Call, identifier: str, _inputs: Tree) -> None:
    """Wait until the control plane is ACTIVE."""
    until_active(call, f"cluster {identifier}", lambda: _describe(call, identifier), failed=("FAILED", "DELETING"))


def read(call: Call, identifier: str, known: Tree) -> Tree | None:
    """Read a cluster."""
    cluster = _describe(call, identifier)
    if cluster is None:
        return None
    logs = [entry for entry in cluster.get("logging", {}).get("clusterLogging", []) if entry.get("enabled")]
    issuer = cluster.get("identity", {}).get("oidc", {}).get("issuer", "")
    created = cluster.get("createdAt")
    found = {
        "region": call.region,
        "name": cluster["name"],
        "roleArn": cluster["roleArn"],
        "version": cluster.get("version", ""),
        "vpcConfig": {name: cluster["resourcesVpcConfig"].get(name) for name in _VPC_FIELDS},
        "enabledClusterLogTypes": sorted(kind for entry in logs for kind in entry.get("types", [])),
        "tags": own(cluster.get("tags")),
        "arn": cluster["arn"],
        "endpoint": cluster.get("endpoint", ""),
        "certificateAuthority": {"data": cluster.get("certificateAuthority", {}).get("data", "")},
        "identities": [{"oidcs": [{"issuer": issuer}]}],
        "platformVersion": cluster.get("platformVersion", ""),
        "createdAt": created.isoformat() if created else "",
        "status": cluster.get("status", ""),
        "clusterId": "",
    }
    for name in ("kubernetesNetworkConfig", "accessConfig", "computeConfig", "storageConfig", "upgradePolicy"):
        if cluster.get(name):
            found[name] = cluster[name]
        elif name in known:
            found[name] = known[name]
    if "deletionProtection" in cluster:
        found["deletionProtection"] = cluster["deletionProtection"]
    return found


def update(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change one thing after the other; EKS takes one update at a time."""
    eks = call.client("eks")
    if new.get("version") and old.get("version") != new["version"]:
        _run(call, identifier, eks.update_cluster_version(name=identifier, version=str(new["version"])))
    for request in _config_requests(old, new):
        _run(call, identifier, eks.update_cluster_config(name=identifier, **request))
    arn = (_describe(call, identifier) or {}).get("arn", "")
    change_eks(call, arn, old, new)


def delete(call: Call, identifier: str, _state: Tree) -> None:
    """Delete a cluster and wait until it is gone."""
    eks = call.client("eks")
    when_free(call, f"cluster {identifier}", lambda: eks.delete_cluster(name=identifier))
    call.wait(f"cluster {identifier} gone", lambda: _describe(call, identifier) is None)


def check(inputs: Tree) -> list[tuple[str, str]]:
    """EKS requires auto mode's three settings to be all on or all off."""
    flags = (
        (inputs.get("computeConfig") or {}).get("enabled"),
        ((inputs.get("storageConfig") or {}).get("blockStorage") or {}).get("enabled"),
        ((inputs.get("kubernetesNetworkConfig") or {}).get("elasticLoadBalancing") or {}).get("enabled"),
    )
    if all(value in (True, False, None) for value in flags) and len({bool(value) for value in flags}) > 1:
        where = "computeConfig.enabled, kubernetesNetworkConfig.elasticLoadBalancing.enabled and "
        return [("computeConfig", f"{where}storageConfig.blockStorage.enabled must all be on or all be off")]
    return []


def _config_requests(old: Tree, new: Tree) -> list[dict[str, Any]]:
    requests: list[dict[str, Any]] = []
    if _logging(old) != _logging(new):
        requests.append({"logging": _logging(new, before=old)})
    before, after = _vpc_request(old.get("vpcConfig") or {}), _vpc_request(new["vpcConfig"])
    networks = ("subnetIds", "securityGroupIds")
    if any(before.get(name) != after.get(name) for name in networks):
        requests.append({"resourcesVpcConfig": {name: after.get(name, []) for name in networks}})
    endpoint = {name: value for name, value in after.items() if name not in networks}
    if endpoint != {name: value for name, value in before.items() if name not in networks}:
        requests.append({"resourcesVpcConfig": endpoint})
    mode = (new.get("accessConfig") or {}).get("authenticationMode")
    if mode and mode != (old.get("accessConfig") or {}).get("authenticationMode"):
        requests.append({"accessConfig": {"authenticationMode": mode}})
    single = [name for name in ("upgradePolicy", "deletionProtection") if new.get(name) not in (None, old.get(name))]
    requests.extend({name: new[name]} for name in single)
    automatic = ("computeConfig", "storageConfig", "kubernetesNetworkConfig")
    if any(new.get(name) != old.get(name) for name in automatic) and new.get("computeConfig"):
        requests.append({name: new[name] for name in automatic if new.get(name)})
    return requests


def _run(call: Call, identifier: str, response: Any) -> None:
    update_id = response["update"]["id"]

    def done() -> bool:
        found = call.client("eks").describe_update(name=identifier, updateId=update_id)["update"]
        if found["status"] in ("Failed", "Cancelled"):
            reasons = "; ".join(error.get("errorMessage", "") for error in found.get("errors", []))
            raise WaitFailedError(f"update {update_id} of cluster {identifier} is {found['status']}: {reasons}")
        return bool(found["status"] == "Successful")

    call.wait(f"update of cluster {identifier}", done)


def _describe(call: Call, identifier: str) -> Any:
    response = unless_missing(lambda: call.client("eks").describe_cluster(name=identifier))
    return response["cluster"] if response else None


def _vpc_request(config: Tree) -> dict[str, Any]:
    request = {name: config.get(name) for name in _VPC_FIELDS if name not in ("clusterSecurityGroupId", "vpcId")}
    return {name: value for name, value in request.items() if value is not None}


def _given(config: Tree | None, fields: Any) -> dict[str, Any]:
    return {name: value for name, value in (config or {}).items() if name in fields and value not in (None, {})}


def _logging(inputs: Tree, *, before: Tree | None = None) -> dict[str, Any] | None:
    on = sorted(inputs.get("enabledClusterLogTypes") or [])
    off = sorted(set((before or {}).get("enabledClusterLogTypes") or []) - set(on))
    settings = [{"types": kinds, "enabled": enabled} for kinds, enabled in ((on, True), (off, False)) if kinds]
    return {"clusterLogging": settings} if settings else None


TYPES = (
    ResourceType(
        name="aws:eks/cluster:Cluster",
        properties={
            "name": text(replaces=True),
            "roleArn": text(required=True, replaces=True),
            "version": text(computed=True),
            "vpcConfig": block(_VPC_FIELDS, required=True),
            "kubernetesNetworkConfig": block(_NETWORK_FIELDS, computed=True),
            "accessConfig": block(_ACCESS_FIELDS, computed=True),
            "computeConfig": block(_COMPUTE_FIELDS),
            "storageConfig": block({"blockStorage": block({"enabled": flag(computed=True)})}),
            "upgradePolicy": block({"supportType": text(computed=True)}, computed=True),
            "enabledClusterLogTypes": texts(),
            "bootstrapSelfManagedAddons": flag(default=True, replaces=True),
            "deletionProtection": flag(computed=True),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=(
            "arn",
            "certificateAuthority",
            "clusterId",
            "createdAt",
            "endpoint",
            "identities",
            "platformVersion",
            "status",
        ),
        create=create,
        settle=settle,
        read=read,
        update=update,
        delete=delete,
        check=check,
        autoname=AutoName(
            longest=100,
            pattern=r"[0-9A-Za-z][A-Za-z0-9_-]*",
            allowed="letters, digits, _ and -, the first one a letter or digit",
        ),
        timeouts=Timeouts(create=1800.0, update=3600.0, delete=900.0),
    ),
)
