"""Single rules by AWS's own id: `vpc.SecurityGroupIngressRule` and `vpc.SecurityGroupEgressRule`."""

from collections.abc import Callable
from typing import Any

from sandbox.plugins.aws.call import Call, unless_missing
from sandbox.plugins.aws.resources.tagging import change_ec2, mapping, specification
from sandbox.plugins.aws.schema import REGION, TAGS, ResourceType, Tree, number, text

_SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def _create(direction: str) -> Callable[[Call, Tree], str]:
    def create(call: Call, inputs: Tree) -> str:
        allow = getattr(call.client("ec2"), f"authorize_security_group_{direction}")
        response = allow(
            GroupId=inputs["securityGroupId"],
            IpPermissions=[_permission(inputs)],
            **specification("security-group-rule", inputs),
        )
        return str(response["SecurityGroupRules"][0]["SecurityGroupRuleId"])

    return create


def _delete(direction: str) -> Callable[[Call, str, Tree], None]:
    def delete(call: Call, identifier: str, state: Tree) -> None:
        revoke = getattr(call.client("ec2"), f"revoke_security_group_{direction}")
        unless_missing(lambda: revoke(GroupId=state["securityGroupId"], SecurityGroupRuleIds=[identifier]))

    return delete


def read(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a rule."""
    ec2 = call.client("ec2")
    response = unless_missing(lambda: ec2.describe_security_group_rules(SecurityGroupRuleIds=[identifier]))
    if not response or not response["SecurityGroupRules"]:
        return None
    rule: Any = response["SecurityGroupRules"][0]
    everything = rule["IpProtocol"] == "-1"
    return {
        "region": call.region,
        "securityGroupId": rule["GroupId"],
        "ipProtocol": rule["IpProtocol"],
        "fromPort": None if everything else rule.get("FromPort"),
        "toPort": None if everything else rule.get("ToPort"),
        "cidrIpv4": rule.get("CidrIpv4"),
        "cidrIpv6": rule.get("CidrIpv6"),
        "prefixListId": rule.get("PrefixListId"),
        "referencedSecurityGroupId": rule.get("ReferencedGroupInfo", {}).get("GroupId"),
        "description": rule.get("Description", ""),
        "tags": mapping(rule.get("Tags")),
        "arn": call.arn("ec2", f"security-group-rule/{identifier}"),
        "securityGroupRuleId": identifier,
    }


def check(inputs: Tree) -> list[tuple[str, str]]:
    """A rule has exactly one source."""
    if sum(bool(inputs.get(name)) for name in _SOURCES) != 1:
        return [("cidrIpv4", f"exactly one of {', '.join(_SOURCES)} is needed")]
    return []


def _permission(inputs: Tree) -> dict[str, Any]:
    note = {"Description": inputs["description"]} if inputs.get("description") else {}
    places = {
        "cidrIpv4": ("IpRanges", "CidrIp"),
        "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
        "prefixListId": ("PrefixListIds", "PrefixListId"),
        "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    }
    name = next(name for name in _SOURCES if inputs.get(name))
    key, field = places[name]
    permission: dict[str, Any] = {"IpProtocol": str(inputs["ipProtocol"]), key: [{field: inputs[name], **note}]}
    if permission["IpProtocol"] != "-1":
        permission |= {"FromPort": int(inputs["fromPort"]), "ToPort": int(inputs["toPort"])}
    return permission


def _rule_type(name: str, direction: str) -> ResourceType:
    return ResourceType(
        name=name,
        properties={
            "securityGroupId": text(required=True, replaces=True),
            "ipProtocol": text(required=True, replaces=True),
            "fromPort": number(replaces=True),
            "toPort": number(replaces=True),
            **{source: text(replaces=True) for source in _SOURCES},
            "description": text(replaces=True),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=("arn", "securityGroupRuleId"),
        create=_create(direction),
        read=read,
        update=change_ec2,
        delete=_delete(direction),
        check=check,
    )


TYPES = (
    _rule_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "ingress"),
    _rule_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "egress"),
)
