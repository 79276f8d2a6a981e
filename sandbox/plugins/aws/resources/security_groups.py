"""Firewall rules: `SecurityGroup` and `SecurityGroupRule`.

Rules given with the group and rules that are resources of their own meet in AWS's one list, so the group's are only
looked at when the program gives some, and a rule's own resource is known by its content, as in the official plugin.
"""

import zlib
from typing import Any

from sandbox.plugins.aws.call import Call, unless_missing
from sandbox.plugins.aws.comparing import normal_block
from sandbox.plugins.aws.resources.dependencies import when_free
from sandbox.plugins.aws.resources.tagging import change_ec2, mapping, specification
from sandbox.plugins.aws.schema import (
    REGION,
    TAGS,
    AutoName,
    ResourceType,
    Timeouts,
    Tree,
    blocks,
    flag,
    number,
    text,
    texts,
)

_INLINE = {
    "fromPort": number(required=True),
    "toPort": number(required=True),
    "protocol": text(required=True),
    "cidrBlocks": texts(),
    "ipv6CidrBlocks": texts(),
    "prefixListIds": texts(),
    "securityGroups": texts(),
    "self": flag(),
    "description": text(),
}
_ALL_PROTOCOLS = ("-1", "all")


def create_group(call: Call, inputs: Tree) -> str:
    """Make a group with its inline rules; AWS's own rule that allows all egress is removed."""
    ec2 = call.client("ec2")
    place = {"VpcId": inputs["vpcId"]} if inputs.get("vpcId") else {}
    response = ec2.create_security_group(
        GroupName=inputs["name"],
        Description=inputs["description"],
        **place,
        **specification("security-group", inputs),
    )
    identifier = str(response["GroupId"])
    group = _group(call, identifier) or {}
    if group.get("IpPermissionsEgress"):
        ec2.revoke_security_group_egress(GroupId=identifier, IpPermissions=group["IpPermissionsEgress"])
    _change_rules(call, identifier, {}, inputs)
    return identifier


def read_group(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a group."""
    group = _group(call, identifier)
    if group is None:
        return None
    return {
        "region": call.region,
        "name": group["GroupName"],
        "description": group["Description"],
        "vpcId": group.get("VpcId", ""),
        "ingress": [_inline(identifier, rule) for rule in group.get("IpPermissions", [])],
        "egress": [_inline(identifier, rule) for rule in group.get("IpPermissionsEgress", [])],
        "tags": mapping(group.get("Tags")),
        "arn": call.arn("ec2", f"security-group/{identifier}"),
        "ownerId": group.get("OwnerId") or call.aws.account(),
    }


def update_group(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change inline rules and tags."""
    _change_rules(call, identifier, old, new)
    change_ec2(call, identifier, old, new)


def delete_group(call: Call, identifier: str, state: Tree) -> None:
    """Delete a group; with `revokeRulesOnDelete` its rules go first, because two groups may refer to each other."""
    ec2 = call.client("ec2")
    group = _group(call, identifier)
    if group and state.get("revokeRulesOnDelete"):
        if rules := group.get("IpPermissions"):
            ec2.revoke_security_group_ingress(GroupId=identifier, IpPermissions=rules)
        if rules := group.get("IpPermissionsEgress"):
            ec2.revoke_security_group_egress(GroupId=identifier, IpPermissions=rules)
    when_free(call, identifier, lambda: ec2.delete_security_group(GroupId=identifier))


def create_rule(call: Call, inputs: Tree) -> str:
    """Add one rule to a group; its id is made of its content."""
    group, permission = inputs["securityGroupId"], _permission(inputs["securityGroupId"], inputs)
    ec2 = call.client("ec2")
    allow = ec2.authorize_security_group_ingress if _incoming(inputs) else ec2.authorize_security_group_egress
    allow(GroupId=group, IpPermissions=[permission])
    content = "|".join([group, inputs["type"], repr(sorted(permission.items(), key=lambda item: item[0]))])
    return f"sgrule-{zlib.crc32(content.encode())}"


def read_rule(call: Call, _identifier: str, known: Tree) -> Tree | None:
    """Check whether a rule is still in its group."""
    if not known.get("securityGroupId"):
        raise ValueError("a SecurityGroupRule cannot be imported into the sandbox's stand-in: it is known by content")
    group = _group(call, known["securityGroupId"])
    rules = (group or {}).get("IpPermissions" if _incoming(known) else "IpPermissionsEgress", [])
    wanted = _permission(known["securityGroupId"], known)
    if not any(_holds(rule, wanted) for rule in rules):
        return None
    names = ("securityGroupId", "type", "protocol", "fromPort", "toPort", "cidrBlocks", "ipv6CidrBlocks")
    more = ("prefixListIds", "self", "sourceSecurityGroupId", "description")
    given = {name: known[name] for name in (*names, *more) if known.get(name) is not None}
    return {"region": call.region, **given, "securityGroupRuleId": _rule_id(call, known)}


def delete_rule(call: Call, _identifier: str, state: Tree) -> None:
    """Take a rule out of its group."""
    group = state["securityGroupId"]
    if read_rule(call, "", state) is None:
        return
    ec2 = call.client("ec2")
    revoke = ec2.revoke_security_group_ingress if _incoming(state) else ec2.revoke_security_group_egress
    unless_missing(lambda: revoke(GroupId=group, IpPermissions=[_permission(group, state)]))


def check_rule(inputs: Tree) -> list[tuple[str, str]]:
    """A rule needs a direction and a peer."""
    faults = []
    if inputs["type"] not in ("ingress", "egress"):
        faults.append(("type", f"must be ingress or egress and is {inputs['type']}"))
    sources = ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "self", "sourceSecurityGroupId")
    if not any(inputs.get(name) for name in sources):
        faults.append(("cidrBlocks", f"one of {', '.join(sources)} is needed"))
    return faults


def _change_rules(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    ec2 = call.client("ec2")
    for name, allow, revoke in (
        ("ingress", ec2.authorize_security_group_ingress, ec2.revoke_security_group_ingress),
        ("egress", ec2.authorize_security_group_egress, ec2.revoke_security_group_egress),
    ):
        before = [normal_block(_INLINE, rule) for rule in old.get(name) or []]
        after = [normal_block(_INLINE, rule) for rule in new.get(name) or []]
        for rule in (rule for rule in before if rule not in after):
            revoke(GroupId=identifier, IpPermissions=[_permission(identifier, rule)])
        for rule in (rule for rule in after if rule not in before):
            allow(GroupId=identifier, IpPermissions=[_permission(identifier, rule)])


def _permission(group: str, rule: Tree) -> dict[str, Any]:
    note = {"Description": rule["description"]} if rule.get("description") else {}
    groups = [*(rule.get("securityGroups") or []), *([group] if rule.get("self") in (True, "true") else [])]
    groups += [rule["sourceSecurityGroupId"]] if rule.get("sourceSecurityGroupId") else []
    protocol = "-1" if str(rule["protocol"]) in _ALL_PROTOCOLS else str(rule["protocol"])
    ports = {} if protocol == "-1" else {"FromPort": int(rule["fromPort"]), "ToPort": int(rule["toPort"])}
    permission = {
        "IpProtocol": protocol,
        **ports,
        "IpRanges": [{"CidrIp": cidr, **note} for cidr in rule.get("cidrBlocks") or []],
        "Ipv6Ranges": [{"CidrIpv6": cidr, **note} for cidr in rule.get("ipv6CidrBlocks") or []],
        "PrefixListIds": [{"PrefixListId": name, **note} for name in rule.get("prefixListIds") or []],
        "UserIdGroupPairs": [{"GroupId": name, **note} for name in groups],
    }
    return {key: value for key, value in permission.items() if value not in ([], None)}


def _holds(rule: Tree, wanted: Tree) -> bool:
    """Return whether a list of AWS's contains all of a rule: AWS merges rules of the same ports."""
    if any(rule.get(key) != wanted.get(key) for key in ("IpProtocol", "FromPort", "ToPort") if key in wanted):
        return False
    lists = (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"), ("PrefixListIds", "PrefixListId"))
    return all(
        {entry[name] for entry in wanted.get(key, [])} <= {entry.get(name) for entry in rule.get(key, [])}
        for key, name in (*lists, ("UserIdGroupPairs", "GroupId"))
    )


def _inline(group: str, rule: Tree) -> Tree:
    pairs = [entry["GroupId"] for entry in rule.get("UserIdGroupPairs", [])]
    entries = [*rule.get("IpRanges", []), *rule.get("Ipv6Ranges", []), *rule.get("UserIdGroupPairs", [])]
    found = {
        "protocol": rule["IpProtocol"],
        "fromPort": max(rule.get("FromPort", 0), 0),
        "toPort": max(rule.get("ToPort", 0), 0),
        "cidrBlocks": [entry["CidrIp"] for entry in rule.get("IpRanges", [])],
        "ipv6CidrBlocks": [entry["CidrIpv6"] for entry in rule.get("Ipv6Ranges", [])],
        "prefixListIds": [entry["PrefixListId"] for entry in rule.get("PrefixListIds", [])],
        "securityGroups": [name for name in pairs if name != group],
        "self": group in pairs,
        "description": next((entry["Description"] for entry in entries if entry.get("Description")), ""),
    }
    return {key: value for key, value in found.items() if value or key in ("fromPort", "toPort")}


def _rule_id(call: Call, rule: Tree) -> str:
    """Return AWS's id of a rule with one counterpart in AWS; a rule for many ranges has none."""
    filters = [{"Name": "group-id", "Values": [rule["securityGroupId"]]}]
    found = call.client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    ranges = [*(rule.get("cidrBlocks") or []), *(rule.get("ipv6CidrBlocks") or [])]
    source = rule["securityGroupId"] if rule.get("self") else rule.get("sourceSecurityGroupId")
    fits = [
        entry["SecurityGroupRuleId"]
        for entry in found
        if entry.get("IsEgress", False) != _incoming(rule)
        and (
            entry.get("CidrIpv4") in ranges
            or (source and entry.get("ReferencedGroupInfo", {}).get("GroupId") == source)
        )
        and _ports_fit(entry, rule)
    ]
    return str(fits[0]) if len(fits) == 1 else ""


def _ports_fit(entry: Tree, rule: Tree) -> bool:
    if str(rule["protocol"]) in _ALL_PROTOCOLS:
        return bool(entry.get("IpProtocol") == "-1")
    return entry.get("FromPort") == int(rule["fromPort"]) and entry.get("ToPort") == int(rule["toPort"])


def _incoming(rule: Tree) -> bool:
    return bool(rule.get("type") == "ingress")


def _group(call: Call, identifier: str) -> Any:
    response = unless_missing(lambda: call.client("ec2").describe_security_groups(GroupIds=[identifier]))
    return next(iter(response["SecurityGroups"]), None) if response else None


TYPES = (
    ResourceType(
        name="aws:ec2/securityGroup:SecurityGroup",
        properties={
            "name": text(replaces=True),
            "description": text(default="Managed by Pulumi", replaces=True),
            "vpcId": text(replaces=True, computed=True),
            "ingress": blocks(_INLINE, computed=True, unread=True),
            "egress": blocks(_INLINE, computed=True, unread=True),
            "revokeRulesOnDelete": flag(default=False),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=("arn", "ownerId"),
        create=create_group,
        read=read_group,
        update=update_group,
        delete=delete_group,
        autoname=AutoName(pattern=r"(?!sg-).+", allowed="anything that does not start with sg-"),
        timeouts=Timeouts(delete=900.0),
    ),
    ResourceType(
        name="aws:ec2/securityGroupRule:SecurityGroupRule",
        properties={
            "securityGroupId": text(required=True, replaces=True),
            "type": text(required=True, replaces=True),
            "protocol": text(required=True, replaces=True),
            "fromPort": number(required=True, replaces=True),
            "toPort": number(required=True, replaces=True),
            "cidrBlocks": texts(replaces=True, unordered=False),
            "ipv6CidrBlocks": texts(replaces=True, unordered=False),
            "prefixListIds": texts(replaces=True, unordered=False),
            "self": flag(default=False, replaces=True),
            "sourceSecurityGroupId": text(replaces=True),
            "description": text(replaces=True),
            "region": REGION,
        },
        outputs=("securityGroupRuleId",),
        create=create_rule,
        read=read_rule,
        delete=delete_rule,
        check=check_rule,
    ),
)
