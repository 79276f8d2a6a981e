"""Access to a cluster: `AccessEntry`, `AccessPolicyAssociation`, `PodIdentityAssociation`."""

from typing import Any

from sandbox.plugins.aws.call import Call, unless_missing
from sandbox.plugins.aws.resources.tagging import change_eks, own
from sandbox.plugins.aws.schema import REGION, TAGS, ResourceType, Timeouts, Tree, block, flag, text, texts

_SCOPE = {"type": text(required=True), "namespaces": texts()}


def create_entry(call: Call, inputs: Tree) -> str:
    """Give a principal access; the id is `<cluster>:<principal ARN>`."""
    optional = {
        "kubernetesGroups": inputs.get("kubernetesGroups"),
        "username": inputs.get("userName"),
        "tags": inputs.get("tags"),
    }
    call.client("eks").create_access_entry(
        clusterName=inputs["clusterName"],
        principalArn=inputs["principalArn"],
        type=inputs.get("type") or "STANDARD",
        **{key: value for key, value in optional.items() if value},
    )
    return f"{inputs['clusterName']}:{inputs['principalArn']}"


def read_entry(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read an entry; imported as `<cluster>:<principal ARN>`."""
    cluster, _, principal = identifier.partition(":")
    eks = call.client("eks")
    response = unless_missing(lambda: eks.describe_access_entry(clusterName=cluster, principalArn=principal))
    if response is None:
        return None
    entry = response["accessEntry"]
    return {
        "region": call.region,
        "clusterName": cluster,
        "principalArn": principal,
        "kubernetesGroups": entry.get("kubernetesGroups") or [],
        "userName": entry.get("username", ""),
        "type": entry.get("type", "STANDARD"),
        "tags": own(entry.get("tags")),
        "accessEntryArn": entry["accessEntryArn"],
        "createdAt": when(entry.get("createdAt")),
        "modifiedAt": when(entry.get("modifiedAt")),
    }


def update_entry(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change groups, user name and tags."""
    eks = call.client("eks")
    cluster, _, principal = identifier.partition(":")
    if any(old.get(name) != new.get(name) for name in ("kubernetesGroups", "userName")):
        name = {"username": new["userName"]} if new.get("userName") else {}
        groups = new.get("kubernetesGroups") or []
        eks.update_access_entry(clusterName=cluster, principalArn=principal, kubernetesGroups=groups, **name)
    arn = (read_entry(call, identifier, new) or {}).get("accessEntryArn", "")
    change_eks(call, arn, old, new)


def delete_entry(call: Call, identifier: str, _state: Tree) -> None:
    """Remove a principal's access."""
    cluster, _, principal = identifier.partition(":")
    eks = call.client("eks")
    unless_missing(lambda: eks.delete_access_entry(clusterName=cluster, principalArn=principal))


def create_association(call: Call, inputs: Tree) -> str:
    """Give a principal an access policy; the id is `<cluster>#<principal ARN>#<policy ARN>`."""
    scope = {key: value for key, value in inputs["accessScope"].items() if value}
    call.client("eks").associate_access_policy(
        clusterName=inputs["clusterName"],
        principalArn=inputs["principalArn"],
        policyArn=inputs["policyArn"],
        accessScope=scope,
    )
    return "#".join(inputs[name] for name in ("clusterName", "principalArn", "policyArn"))


def read_association(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read an association; imported as `<cluster>#<principal ARN>#<policy ARN>`."""
    cluster, principal, policy = [*identifier.split("#"), "", ""][:3]
    eks = call.client("eks")
    response = unless_missing(lambda: eks.list_associated_access_policies(clusterName=cluster, principalArn=principal))
    for policies in (response or {}).get("associatedAccessPolicies", []):
        if policies["policyArn"] == policy:
            return {
                "region": call.region,
                "clusterName": cluster,
                "principalArn": principal,
                "policyArn": policy,
                "accessScope": {key: value for key, value in policies["accessScope"].items() if value},
                "associatedAt": when(policies.get("associatedAt")),
                "modifiedAt": when(policies.get("modifiedAt")),
            }
    return None


def delete_association(call: Call, _identifier: str, state: Tree) -> None:
    """Take an access policy from a principal."""
    names = {name: state[name] for name in ("clusterName", "principalArn", "policyArn")}
    unless_missing(lambda: call.client("eks").disassociate_access_policy(**names))


def create_identity(call: Call, inputs: Tree) -> str:
    """Give a service account a role; the id is AWS's association id."""
    response = call.client("eks").create_pod_identity_association(
        clusterName=inputs["clusterName"],
        namespace=inputs["namespace"],
        serviceAccount=inputs["serviceAccount"],
        roleArn=inputs["roleArn"],
        disableSessionTags=bool(inputs.get("disableSessionTags")),
        tags=inputs.get("tags") or {},
    )
    return str(response["association"]["associationId"])


def read_identity(call: Call, identifier: str, known: Tree) -> Tree | None:
    """Read an association; imported as `<cluster>,<association id>`."""
    cluster, _, wanted = identifier.rpartition(",")
    cluster = cluster or known.get("clusterName", "")
    eks = call.client("eks")
    response = unless_missing(lambda: eks.describe_pod_identity_association(clusterName=cluster, associationId=wanted))
    if response is None:
        return None
    found = response["association"]
    return {
        "id": wanted,
        "region": call.region,
        **{name: found[name] for name in ("clusterName", "namespace", "serviceAccount", "roleArn")},
        "disableSessionTags": bool(found.get("disableSessionTags")),
        "tags": own(found.get("tags")),
        "associationArn": found["associationArn"],
        "associationId": wanted,
        "externalId": found.get("externalId", ""),
    }


def update_identity(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change role and tags."""
    eks = call.client("eks")
    if any(old.get(name) != new.get(name) for name in ("roleArn", "disableSessionTags")):
        eks.update_pod_identity_association(
            clusterName=new["clusterName"],
            associationId=identifier,
            roleArn=new["roleArn"],
            disableSessionTags=bool(new.get("disableSessionTags")),
        )
    arn = (read_identity(call, identifier, new) or {}).get("associationArn", "")
    change_eks(call, arn, old, new)


def delete_identity(call: Call, identifier: str, state: Tree) -> None:
    """Take a role from a service account."""
    eks = call.client("eks")
    cluster = state["clusterName"]
    unless_missing(lambda: eks.delete_pod_identity_association(clusterName=cluster, associationId=identifier))


def when(moment: Any) -> str:
    """Write a time as the official plugin does."""
    return str(moment.isoformat()) if moment else ""


TYPES = (
    ResourceType(
        name="aws:eks/accessEntry:AccessEntry",
        properties={
            "clusterName": text(required=True, replaces=True),
            "principalArn": text(required=True, replaces=True),
            "kubernetesGroups": texts(computed=True),
            "userName": text(computed=True),
            "type": text(default="STANDARD", replaces=True),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=("accessEntryArn", "createdAt", "modifiedAt"),
        create=create_entry,
        read=read_entry,
        update=update_entry,
        delete=delete_entry,
        timeouts=Timeouts(create=1200.0),
    ),
    ResourceType(
        name="aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        properties={
            "clusterName": text(required=True, replaces=True),
            "principalArn": text(required=True, replaces=True),
            "policyArn": text(required=True, replaces=True),
            "accessScope": block(_SCOPE, required=True, replaces=True),
            "region": REGION,
        },
        outputs=("associatedAt", "modifiedAt"),
        create=create_association,
        read=read_association,
        delete=delete_association,
    ),
    ResourceType(
        name="aws:eks/podIdentityAssociation:PodIdentityAssociation",
        properties={
            "clusterName": text(required=True, replaces=True),
            "namespace": text(required=True, replaces=True),
            "serviceAccount": text(required=True, replaces=True),
            "roleArn": text(required=True),
            "disableSessionTags": flag(computed=True),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=("associationArn", "associationId", "externalId"),
        create=create_identity,
        read=read_identity,
        update=update_identity,
        delete=delete_identity,
    ),
)
