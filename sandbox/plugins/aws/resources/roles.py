"""IAM roles and their policies: `Role`, `RolePolicyAttachment`, `RolePolicy`."""

import json
from typing import Any
from urllib.parse import unquote

from sandbox.plugins.aws.call import Call, unless_missing
from sandbox.plugins.aws.resources.dependencies import when_free
from sandbox.plugins.aws.resources.tagging import change_iam, mapping, pairs
from sandbox.plugins.aws.schema import TAGS, AutoName, ResourceType, Tree, document, flag, number, text

NAME = AutoName(longest=64, pattern=r"[\w+=,.@-]+", allowed="letters, digits and _+=,.@-")
_DEFAULT_SESSION = 3600


def create_role(call: Call, inputs: Tree) -> str:
    """Make a role; its id is its name."""
    optional = {"Description": inputs.get("description"), "PermissionsBoundary": inputs.get("permissionsBoundary")}
    call.client("iam").create_role(
        RoleName=inputs["name"],
        AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
        Path=inputs.get("path") or "/",
        MaxSessionDuration=int(inputs.get("maxSessionDuration") or _DEFAULT_SESSION),
        Tags=pairs(inputs.get("tags")),
        **{key: value for key, value in optional.items() if value},
    )
    return str(inputs["name"])


def read_role(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a role."""
    response = unless_missing(lambda: call.client("iam").get_role(RoleName=identifier))
    if response is None:
        return None
    role = response["Role"]
    return {
        "name": role["RoleName"],
        "assumeRolePolicy": as_text(role["AssumeRolePolicyDocument"]),
        "description": role.get("Description", ""),
        "maxSessionDuration": role.get("MaxSessionDuration", _DEFAULT_SESSION),
        "path": role["Path"],
        "permissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        "tags": mapping(role.get("Tags")),
        "arn": role["Arn"],
        "createDate": role["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "uniqueId": role["RoleId"],
    }


def update_role(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change what AWS changes in place."""
    iam = call.client("iam")
    if old.get("assumeRolePolicy") != new["assumeRolePolicy"]:
        iam.update_assume_role_policy(RoleName=identifier, PolicyDocument=new["assumeRolePolicy"])
    if any(old.get(name) != new.get(name) for name in ("description", "maxSessionDuration")):
        seconds = int(new.get("maxSessionDuration") or _DEFAULT_SESSION)
        iam.update_role(RoleName=identifier, Description=new.get("description", ""), MaxSessionDuration=seconds)
    if old.get("permissionsBoundary") != new.get("permissionsBoundary"):
        _set_boundary(iam, identifier, new.get("permissionsBoundary"))
    change_iam(iam.tag_role, iam.untag_role, {"RoleName": identifier}, old, new)


def delete_role(call: Call, identifier: str, state: Tree) -> None:
    """Delete a role; with `forceDetachPolicies` its policies are detached before."""
    iam = call.client("iam")
    if state.get("forceDetachPolicies"):
        attached = unless_missing(lambda: iam.list_attached_role_policies(RoleName=identifier)) or {}
        for policy in attached.get("AttachedPolicies", []):
            iam.detach_role_policy(RoleName=identifier, PolicyArn=policy["PolicyArn"])
    when_free(call, identifier, lambda: iam.delete_role(RoleName=identifier))


def create_attachment(call: Call, inputs: Tree) -> str:
    """Attach a managed policy."""
    call.client("iam").attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
    return f"{inputs['role']}/{inputs['policyArn']}"


def read_attachment(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Check whether a policy is attached; imported as `<role>/<policy ARN>`."""
    role, _, arn = identifier.partition("/")
    iam = call.client("iam")
    pages = iam.get_paginator("list_attached_role_policies").paginate(RoleName=role)
    attached = unless_missing(lambda: [policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]])
    return {"role": role, "policyArn": arn} if arn in (attached or []) else None


def delete_attachment(call: Call, _identifier: str, state: Tree) -> None:
    """Detach a managed policy."""
    iam = call.client("iam")
    unless_missing(lambda: iam.detach_role_policy(RoleName=state["role"], PolicyArn=state["policyArn"]))


def create_inline(call: Call, inputs: Tree) -> str:
    """Write a policy into a role."""
    call.client("iam").put_role_policy(
        RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"]
    )
    return f"{inputs['role']}:{inputs['name']}"


def read_inline(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a role's own policy; imported as `<role>:<name>`."""
    role, _, name = identifier.partition(":")
    response = unless_missing(lambda: call.client("iam").get_role_policy(RoleName=role, PolicyName=name))
    return response and {"role": role, "name": name, "policy": as_text(response["PolicyDocument"])}


def update_inline(call: Call, _identifier: str, _old: Tree, new: Tree) -> None:
    """Write the policy again."""
    create_inline(call, new)


def delete_inline(call: Call, _identifier: str, state: Tree) -> None:
    """Remove a role's own policy."""
    iam = call.client("iam")
    unless_missing(lambda: iam.delete_role_policy(RoleName=state["role"], PolicyName=state["name"]))


def as_text(policy: Any) -> str:
    """Write a policy document as text, however boto3 gave it."""
    return unquote(policy) if isinstance(policy, str) else json.dumps(policy, separators=(",", ":"))


def _set_boundary(iam: Any, role: str, boundary: str | None) -> None:
    if boundary:
        iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)
    else:
        iam.delete_role_permissions_boundary(RoleName=role)


TYPES = (
    ResourceType(
        name="aws:iam/role:Role",
        properties={
            "name": text(replaces=True),
            "assumeRolePolicy": document(required=True),
            "description": text(),
            "forceDetachPolicies": flag(default=False),
            "maxSessionDuration": number(default=_DEFAULT_SESSION),
            "path": text(default="/", replaces=True),
            "permissionsBoundary": text(),
            "tags": TAGS,
        },
        outputs=("arn", "createDate", "uniqueId"),
        create=create_role,
        read=read_role,
        update=update_role,
        delete=delete_role,
        autoname=NAME,
    ),
    ResourceType(
        name="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        properties={"role": text(required=True, replaces=True), "policyArn": text(required=True, replaces=True)},
        create=create_attachment,
        read=read_attachment,
        delete=delete_attachment,
    ),
    ResourceType(
        name="aws:iam/rolePolicy:RolePolicy",
        properties={
            "name": text(replaces=True),
            "role": text(required=True, replaces=True),
            "policy": document(required=True),
        },
        create=create_inline,
        read=read_inline,
        update=update_inline,
        delete=delete_inline,
        autoname=NAME,
    ),
)
