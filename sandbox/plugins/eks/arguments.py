"""List the component arguments that the stand-in implements, and refuse the others by name.

They are refused, not ignored: a program that runs here has to mean the same with the official package.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.errors import InputPropertiesError, InputPropertyErrorDetails

Inputs = Mapping[str, Any]
"""A component's arguments, in camelCase; values may be outputs."""

CLUSTER = frozenset(
    {
        "accessEntries",
        "authenticationMode",
        "autoMode",
        "bootstrapSelfManagedAddons",
        "clusterSecurityGroup",
        "clusterSecurityGroupTags",
        "clusterTags",
        "corednsAddonOptions",
        "createInstanceRole",
        "createOidcProvider",
        "deletionProtection",
        "enableConfigMapMutable",
        "enabledClusterLogTypes",
        "endpointPrivateAccess",
        "endpointPublicAccess",
        "instanceRole",
        "instanceRoles",
        "ipFamily",
        "kubeProxyAddonOptions",
        "kubernetesServiceIpAddressRange",
        "name",
        "nodeAssociatePublicIpAddress",
        "nodeSecurityGroupTags",
        "privateSubnetIds",
        "providerCredentialOpts",
        "publicAccessCidrs",
        "publicSubnetIds",
        "roleMappings",
        "serviceRole",
        "skipDefaultNodeGroup",
        "skipDefaultSecurityGroups",
        "subnetIds",
        "tags",
        "upgradePolicy",
        "useDefaultVpcCni",
        "userMappings",
        "version",
        "vpcCniOptions",
        "vpcId",
    }
)
NODE_GROUP = frozenset(
    {
        "amiType",
        "capacityType",
        "cluster",
        "clusterName",
        "diskSize",
        "enableIMDSv2",
        "forceUpdateVersion",
        "ignoreScalingChanges",
        "instanceTypes",
        "labels",
        "launchTemplate",
        "nodeGroupName",
        "nodeRole",
        "nodeRoleArn",
        "operatingSystem",
        "releaseVersion",
        "scalingConfig",
        "subnetIds",
        "tags",
        "taints",
        "version",
    }
)

Fault = tuple[str, str]
"""An argument and what is wrong with it."""


def refuse(what: str, faults: Iterable[Fault]) -> None:
    """Raise `InputPropertiesError` with every fault, if there is any."""
    found: list[InputPropertyErrorDetails] = [{"property_path": path, "reason": reason} for path, reason in faults]
    if found:
        # The engine prints each reason itself.
        names = ", ".join(fault["property_path"] for fault in found)
        raise InputPropertiesError(f"{what} cannot be made with these arguments: {names}", found)


def unknown(inputs: Inputs, known: frozenset[str]) -> list[Fault]:
    """Return arguments that the stand-in does not implement."""
    given = sorted(name for name, value in inputs.items() if value is not None and name not in known)
    reason = "is not done by the sandbox's stand-in for eks"
    listed = f"{reason}; it does: {', '.join(sorted(known))}"
    # The list is printed once, however many arguments are refused.
    return [(name, reason if number else listed) for number, name in enumerate(given)]


def cluster_faults(inputs: Inputs) -> list[Fault]:
    """Return the cluster arguments that the stand-in, or the official component, refuses."""
    faults = unknown(inputs, CLUSTER)
    mode = inputs.get("authenticationMode")
    if mode != "API":
        faults.append(("authenticationMode", f"must be API (access entries; no aws-auth ConfigMap) and is {mode}"))
    for name in ("roleMappings", "userMappings", "instanceRoles"):
        if inputs.get(name):
            faults.append((name, "does not go with authenticationMode API"))
    if inputs.get("vpcId") is None:
        faults.append(("vpcId", "is needed: the stand-in does not look for a default VPC"))
    if inputs.get("subnetIds") is not None and (inputs.get("publicSubnetIds") or inputs.get("privateSubnetIds")):
        faults.append(("subnetIds", "does not go with publicSubnetIds and privateSubnetIds"))
    if not inputs.get("skipDefaultNodeGroup") and not auto_mode(inputs):
        faults.append(("skipDefaultNodeGroup", "must be true: the stand-in makes no default node group"))
    return faults


def node_group_faults(inputs: Inputs) -> list[Fault]:
    """Return the node group arguments that the stand-in, or the official component, refuses."""
    faults = unknown(inputs, NODE_GROUP)
    if inputs.get("nodeRole") is not None and inputs.get("nodeRoleArn") is not None:
        faults.append(("nodeRole", "does not go with nodeRoleArn"))
    if inputs.get("nodeRole") is None and inputs.get("nodeRoleArn") is None:
        faults.append(("nodeRole", "or nodeRoleArn is needed"))
    if inputs.get("launchTemplate") is not None and inputs.get("enableIMDSv2") is not None:
        faults.append(("launchTemplate", "does not go with enableIMDSv2: say it in the launch template"))
    return faults


def auto_mode(inputs: Inputs) -> bool:
    """Return whether a cluster is to run in auto mode."""
    options = inputs.get("autoMode")
    return bool(options and options.get("enabled"))
