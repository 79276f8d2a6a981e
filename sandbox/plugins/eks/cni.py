"""Configure the VPC CNI add-on from a program's options: the official package's `VpcCniAddon`."""

import json
from collections.abc import Mapping
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from sandbox.plugins.eks.arguments import Fault, Inputs

_ENVIRONMENT: Final[Mapping[str, tuple[str, str | None]]] = {
    "nodePortSupport": ("AWS_VPC_CNI_NODE_PORT_SUPPORT", None),
    "warmEniTarget": ("WARM_ENI_TARGET", "1"),
    "warmIpTarget": ("WARM_IP_TARGET", None),
    "warmPrefixTarget": ("WARM_PREFIX_TARGET", None),
    "enablePrefixDelegation": ("ENABLE_PREFIX_DELEGATION", None),
    "logLevel": ("AWS_VPC_K8S_CNI_LOGLEVEL", "DEBUG"),
    "logFile": ("AWS_VPC_K8S_CNI_LOG_FILE", "/host/var/log/aws-routed-eni/ipamd.log"),
    "vethPrefix": ("AWS_VPC_K8S_CNI_VETHPREFIX", "eni"),
    "eniMtu": ("AWS_VPC_ENI_MTU", "9001"),
    "eniConfigLabelDef": ("ENI_CONFIG_LABEL_DEF", None),
    "pluginLogLevel": ("AWS_VPC_K8S_PLUGIN_LOG_LEVEL", "DEBUG"),
    "pluginLogFile": ("AWS_VPC_K8S_PLUGIN_LOG_FILE", "/var/log/aws-routed-eni/plugin.log"),
    "enablePodEni": ("ENABLE_POD_ENI", "false"),
    "cniConfigureRpfilter": ("AWS_VPC_K8S_CNI_CONFIGURE_RPFILTER", None),
    "cniCustomNetworkCfg": ("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "false"),
    "cniExternalSnat": ("AWS_VPC_K8S_CNI_EXTERNALSNAT", "false"),
}
_OTHERS: Final = (
    "addonVersion",
    "configurationValues",
    "disableTcpEarlyDemux",
    "enableNetworkPolicy",
    "resolveConflictsOnCreate",
    "resolveConflictsOnUpdate",
    "serviceAccountRoleArn",
)
KNOWN: Final = frozenset({*_ENVIRONMENT, *_OTHERS})


class VpcCniAddon(pulumi.ComponentResource):
    """The `vpc-cni` add-on of a cluster."""

    def __init__(
        self,
        name: str,
        options: Inputs,
        *,
        cluster: aws.eks.Cluster,
        tags: pulumi.Input[dict[str, str]] | None,
        parent: pulumi.Resource,
        depends_on: list[pulumi.Resource],
    ) -> None:
        super().__init__(
            "eks:index:VpcCniAddon", name, None, pulumi.ResourceOptions(parent=parent, depends_on=depends_on)
        )
        version = options.get("addonVersion") or newest("vpc-cni", cluster, self)
        self.addon = aws.eks.Addon(
            name,
            cluster_name=cluster.name,
            addon_name="vpc-cni",
            addon_version=version,
            resolve_conflicts_on_create=options.get("resolveConflictsOnCreate") or "OVERWRITE",
            resolve_conflicts_on_update=options.get("resolveConflictsOnUpdate") or "OVERWRITE",
            preserve=True,
            configuration_values=pulumi.Output.from_input(dict(options)).apply(configuration),
            service_account_role_arn=options.get("serviceAccountRoleArn"),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"addon": self.addon})


def newest(addon: str, cluster: aws.eks.Cluster, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Look up an add-on's newest version for a cluster."""
    found = aws.eks.get_addon_version_output(
        addon_name=addon,
        kubernetes_version=cluster.version,
        most_recent=True,
        opts=pulumi.InvokeOutputOptions(parent=parent),
    )
    return found.version


def faults(options: Inputs) -> list[Fault]:
    """Return options that the stand-in does not implement."""
    names = ", ".join(sorted(KNOWN))
    wrong = sorted(name for name, value in options.items() if value is not None and name not in KNOWN)
    return [(f"vpcCniOptions.{name}", f"is not done by the stand-in for eks; it does: {names}") for name in wrong]


def configuration(options: Inputs) -> str:
    """Return the add-on's configuration as JSON."""
    given: dict[str, Any] = dict(options.get("configurationValues") or {})
    environment = {
        variable: _text(options.get(name) or default)
        for name, (variable, default) in _ENVIRONMENT.items()
        if options.get(name) or default is not None
    }
    start = {"DISABLE_TCP_EARLY_DEMUX": _text(options.get("disableTcpEarlyDemux") or "false")}
    if options.get("enableNetworkPolicy") is not None and "enableNetworkPolicy" not in given:
        given["enableNetworkPolicy"] = _text(options["enableNetworkPolicy"])
    given["env"] = {**environment, **(given.get("env") or {})}
    given["init"] = {**(given.get("init") or {}), "env": {**start, **((given.get("init") or {}).get("env") or {})}}
    return json.dumps(given, sort_keys=True)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
