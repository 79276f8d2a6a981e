"""Read and write tags in each AWS service's own format."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sandbox.plugins.aws.call import Call
from sandbox.plugins.aws.schema import Tree


def pairs(tags: Mapping[str, str] | None, *, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Write tags in the form of most services."""
    return [{key: name, value: str(content)} for name, content in sorted((tags or {}).items())]


def mapping(listed: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Read tags in the form of most services; AWS's own (`aws:...`) are left out."""
    return {tag["Key"]: tag.get("Value", "") for tag in listed or () if not tag["Key"].startswith("aws:")}


def own(tags: Mapping[str, str] | None) -> dict[str, str]:
    """Leave AWS's own tags out of a mapping."""
    return {key: value for key, value in (tags or {}).items() if not key.startswith("aws:")}


def specification(kind: str, inputs: Tree) -> dict[str, Any]:
    """Write an EC2 create call's `TagSpecifications`; nothing when there are no tags."""
    if not inputs.get("tags"):
        return {}
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": pairs(inputs["tags"])}]}


def change(
    old: Tree, new: Tree, add: Callable[[dict[str, str]], object], remove: Callable[[list[str]], object]
) -> None:
    """Change tags from the old inputs to the new ones with a service's own two calls."""
    before, after = old.get("tags") or {}, new.get("tags") or {}
    if gone := sorted(before.keys() - after.keys()):
        remove(gone)
    if fresh := {key: value for key, value in after.items() if before.get(key) != value}:
        add(fresh)


def change_ec2(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Update the tags of an EC2 resource."""
    ec2 = call.client("ec2")
    change(
        old,
        new,
        lambda tags: ec2.create_tags(Resources=[identifier], Tags=pairs(tags)),
        lambda keys: ec2.delete_tags(Resources=[identifier], Tags=[{"Key": key} for key in keys]),
    )


def change_eks(call: Call, arn: str, old: Tree, new: Tree) -> None:
    """Update the tags of an EKS resource."""
    eks = call.client("eks")
    change(
        old,
        new,
        lambda tags: eks.tag_resource(resourceArn=arn, tags=tags),
        lambda keys: eks.untag_resource(resourceArn=arn, tagKeys=keys),
    )


def change_iam(
    tag: Callable[..., object], untag: Callable[..., object], what: Mapping[str, str], old: Tree, new: Tree
) -> None:
    """Update the tags of an IAM resource: each kind has two calls and a name parameter of its own."""
    change(
        old,
        new,
        lambda tags: tag(**what, Tags=pairs(tags)),
        lambda keys: untag(**what, TagKeys=keys),
    )


def read_route53(call: Call, kind: str, identifier: str) -> dict[str, str]:
    """Read the tags of a Route 53 resource: they take a call of their own."""
    response = call.client("route53").list_tags_for_resource(ResourceType=kind, ResourceId=identifier)
    return mapping(response["ResourceTagSet"].get("Tags"))


def change_route53(call: Call, kind: str, identifier: str, old: Tree, new: Tree) -> None:
    """Update the tags of a Route 53 resource."""
    route53 = call.client("route53")
    what = {"ResourceType": kind, "ResourceId": identifier}
    change(
        old,
        new,
        lambda tags: route53.change_tags_for_resource(**what, AddTags=pairs(tags)),
        lambda keys: route53.change_tags_for_resource(**what, RemoveTagKeys=keys),
    )
