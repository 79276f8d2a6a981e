"""`eks:index:ManagedNodeGroup`: an EKS node group, with defaults from the cluster's `core`."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_eks

from sandbox.plugins.eks.arguments import Inputs, node_group_faults, refuse

_PASSED_ON = {
    "capacityType": "capacity_type",
    "forceUpdateVersion": "force_update_version",
    "instanceTypes": "instance_types",
    "labels": "labels",
    "nodeGroupName": "node_group_name",
    "releaseVersion": "release_version",
    "tags": "tags",
    "taints": "taints",
}
_AMI_TYPES = {
    ("AL2", False): "AL2_x86_64",
    ("AL2", True): "AL2_ARM_64",
    ("AL2023", False): "AL2023_x86_64_STANDARD",
    ("AL2023", True): "AL2023_ARM_64_STANDARD",
    ("Bottlerocket", False): "BOTTLEROCKET_x86_64",
    ("Bottlerocket", True): "BOTTLEROCKET_ARM_64",
}
_SIZES = (("desiredSize", 2), ("minSize", 1), ("maxSize", 2))


class ManagedNodeGroup(pulumi.ComponentResource):
    """A managed node group.

    `outputs` is what the SDK's class declares, by camelCase name. Raises `InputPropertiesError`, naming each argument,
    for what is not done.
    """

    def __init__(self, name: str, inputs: Inputs, options: pulumi.ResourceOptions) -> None:
        refuse(f"the node group {name}", node_group_faults(inputs))
        super().__init__("eks:index:ManagedNodeGroup", name, None, options)
        core = pulumi.Output.from_input(inputs["cluster"]).apply(_core)
        self._logical, self._inputs = name, inputs
        template = self._template()
        given: dict[str, Any] = {
            ours: inputs[theirs] for theirs, ours in _PASSED_ON.items() if inputs.get(theirs) is not None
        }
        ignored = ["scalingConfig.desiredSize"] if inputs.get("ignoreScalingChanges") else None
        self._group = aws.eks.NodeGroup(
            name,
            cluster_name=inputs.get("clusterName") or core.apply(lambda known: member(known, "cluster").name),
            node_role_arn=self._role_arn(),
            scaling_config=pulumi.Output.from_input(inputs.get("scalingConfig")).apply(sizes),
            subnet_ids=self._subnets(core),
            version=self._kubernetes_version(core),
            ami_type=self._ami_type(),
            launch_template=template if template is not None else inputs.get("launchTemplate"),
            # With a template of the component's, the disk's size is in the template.
            disk_size=None if template is not None else inputs.get("diskSize"),
            **given,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=ignored),
        )
        self.outputs = {"nodeGroup": self._group, "placementGroupName": ""}
        self.register_outputs(self.outputs)

    def _role_arn(self) -> pulumi.Input[str]:
        if self._inputs.get("nodeRoleArn") is not None:
            arn: pulumi.Input[str] = self._inputs["nodeRoleArn"]
            return arn
        return pulumi.Output.from_input(self._inputs["nodeRole"]).apply(lambda role: role.arn)

    def _subnets(self, core: pulumi.Output[Any]) -> pulumi.Input[list[str]]:
        if self._inputs.get("subnetIds") is not None:
            given: pulumi.Input[list[str]] = self._inputs["subnetIds"]
            return given
        names = ("subnetIds", "privateSubnetIds", "publicSubnetIds")
        return core.apply(lambda known: next((found for name in names if (found := member(known, name))), []))

    def _kubernetes_version(self, core: pulumi.Output[Any]) -> pulumi.Input[str] | None:
        if self._inputs.get("version") is not None or self._inputs.get("launchTemplate") is not None:
            given: pulumi.Input[str] | None = self._inputs.get("version")
            return given
        return core.apply(lambda known: member(known, "cluster").version)

    def _ami_type(self) -> pulumi.Input[str] | None:
        given: pulumi.Input[str] | None = self._inputs.get("amiType")
        if given is not None or self._inputs.get("operatingSystem") is None:
            return given
        types = self._inputs.get("instanceTypes") or []
        return pulumi.Output.all(self._inputs["operatingSystem"], types).apply(
            lambda known: _AMI_TYPES[(known[0], is_arm(known[1]))]
        )

    def _template(self) -> Any:
        """Make a launch template when the program sets options that only a template has."""
        tokens = self._inputs.get("enableIMDSv2")
        if tokens is None:
            return None
        disk = self._inputs.get("diskSize")
        device = aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
            device_name="/dev/xvda", ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(volume_size=disk)
        )
        made = aws.ec2.LaunchTemplate(
            f"{self._logical}-launchTemplate",
            block_device_mappings=None if disk is None else [device],
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_tokens="required" if tokens else "optional",
                http_put_response_hop_limit=2,
                http_endpoint="enabled",
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return {"id": made.id, "version": made.latest_version.apply(lambda number: f"{number:.0f}")}


def sizes(given: Any) -> aws.eks.NodeGroupScalingConfigArgs:
    """Fill in the official component's default sizes."""
    known: dict[str, Any] = dict(given or {})
    found: dict[str, Any] = {name: known.get(name, known.get(_snake(name))) for name, _ in _SIZES}
    whole = {_snake(name): int(default if found[name] is None else found[name]) for name, default in _SIZES}
    return aws.eks.NodeGroupScalingConfigArgs(**whole)


def is_arm(instance_types: Any) -> bool:
    """Return whether instance types are Graviton ones: the letter after the generation is a g, as in `m7g.large`.

    Raises `ValueError` when some are and some are not.
    """
    families = {"g" in name.partition(".")[0].lstrip("abcdefghijklmnopqrstuvwxyz") for name in instance_types or []}
    if len(families) > 1:
        raise ValueError(f"instanceTypes: {', '.join(instance_types)} do not share an architecture")
    return families == {True}


def member(core: Any, name: str) -> Any:
    """Return a member of a cluster's `core`, whether it came as a mapping or as the SDK's own class."""
    if isinstance(core, dict) and name in core:
        return core[name]
    return getattr(core, _snake(name), None)


def _core(given: Any) -> Any:
    return given.core if isinstance(given, pulumi_eks.Cluster) else given


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
