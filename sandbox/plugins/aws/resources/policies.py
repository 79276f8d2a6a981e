"""IAM resources beside roles: `Policy`, `InstanceProfile`, `OpenIdConnectProvider`."""

from sandbox.plugins.aws.call import Call, unless_missing
from sandbox.plugins.aws.resources.dependencies import when_free
from sandbox.plugins.aws.resources.roles import as_text
from sandbox.plugins.aws.resources.tagging import change_iam, mapping, pairs
from sandbox.plugins.aws.schema import TAGS, AutoName, ResourceType, Tree, document, text, texts

_NAME = AutoName(longest=128, pattern=r"[\w+=,.@-]+", allowed="letters, digits and _+=,.@-")


def create_policy(call: Call, inputs: Tree) -> str:
    """Make a managed policy; its id is its ARN."""
    response = call.client("iam").create_policy(
        PolicyName=inputs["name"],
        PolicyDocument=inputs["policy"],
        Path=inputs.get("path") or "/",
        Description=inputs.get("description") or "",
        Tags=pairs(inputs.get("tags")),
    )
    return str(response["Policy"]["Arn"])


def read_policy(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a policy and its default version. The number of its attachments is left out: other resources decide it."""
    iam = call.client("iam")
    response = unless_missing(lambda: iam.get_policy(PolicyArn=identifier))
    if response is None:
        return None
    policy = response["Policy"]
    version = iam.get_policy_version(PolicyArn=identifier, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    return {
        "name": policy["PolicyName"],
        "policy": as_text(version["Document"]),
        "path": policy["Path"],
        "description": policy.get("Description", ""),
        "tags": mapping(policy.get("Tags")),
        "arn": policy["Arn"],
        "policyId": policy["PolicyId"],
        "attachmentCount": 0,
    }


def update_policy(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Write a new default version, drop the one before it, change tags."""
    iam = call.client("iam")
    if old.get("policy") != new["policy"]:
        before = iam.get_policy(PolicyArn=identifier)["Policy"]["DefaultVersionId"]
        iam.create_policy_version(PolicyArn=identifier, PolicyDocument=new["policy"], SetAsDefault=True)
        iam.delete_policy_version(PolicyArn=identifier, VersionId=before)
    change_iam(iam.tag_policy, iam.untag_policy, {"PolicyArn": identifier}, old, new)


def delete_policy(call: Call, identifier: str, _state: Tree) -> None:
    """Delete a policy that is not attached any more."""
    when_free(call, identifier, lambda: call.client("iam").delete_policy(PolicyArn=identifier))


def create_profile(call: Call, inputs: Tree) -> str:
    """Make an instance profile; its id is its name."""
    iam = call.client("iam")
    name = str(inputs["name"])
    iam.create_instance_profile(
        InstanceProfileName=name, Path=inputs.get("path") or "/", Tags=pairs(inputs.get("tags"))
    )
    if inputs.get("role"):
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=inputs["role"])
    return name


def read_profile(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read an instance profile."""
    response = unless_missing(lambda: call.client("iam").get_instance_profile(InstanceProfileName=identifier))
    if response is None:
        return None
    profile = response["InstanceProfile"]
    return {
        "name": profile["InstanceProfileName"],
        "path": profile["Path"],
        "role": next((role["RoleName"] for role in profile["Roles"]), ""),
        "tags": mapping(profile.get("Tags")),
        "arn": profile["Arn"],
        "createDate": profile["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "uniqueId": profile["InstanceProfileId"],
    }


def update_profile(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change the role and the tags."""
    iam = call.client("iam")
    if old.get("role") != new.get("role"):
        if old.get("role"):
            iam.remove_role_from_instance_profile(InstanceProfileName=identifier, RoleName=old["role"])
        if new.get("role"):
            iam.add_role_to_instance_profile(InstanceProfileName=identifier, RoleName=new["role"])
    change_iam(iam.tag_instance_profile, iam.untag_instance_profile, {"InstanceProfileName": identifier}, old, new)


def delete_profile(call: Call, identifier: str, _state: Tree) -> None:
    """Take the role out of a profile, then delete it."""
    iam = call.client("iam")
    profile = read_profile(call, identifier, {})
    if profile is None:
        return
    if profile["role"]:
        iam.remove_role_from_instance_profile(InstanceProfileName=identifier, RoleName=profile["role"])
    unless_missing(lambda: iam.delete_instance_profile(InstanceProfileName=identifier))


def create_issuer(call: Call, inputs: Tree) -> str:
    """Trust a token issuer; the id is its ARN."""
    response = call.client("iam").create_open_id_connect_provider(
        Url=inputs["url"],
        ClientIDList=inputs["clientIdLists"],
        ThumbprintList=inputs.get("thumbprintLists") or ["0" * 40],
        Tags=pairs(inputs.get("tags")),
    )
    return str(response["OpenIDConnectProviderArn"])


def read_issuer(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a trusted issuer."""
    iam = call.client("iam")
    issuer = unless_missing(lambda: iam.get_open_id_connect_provider(OpenIDConnectProviderArn=identifier))
    if issuer is None:
        return None
    return {
        "url": "https://" + issuer["Url"].removeprefix("https://"),
        "clientIdLists": issuer["ClientIDList"],
        "thumbprintLists": issuer["ThumbprintList"],
        "tags": mapping(issuer.get("Tags")),
        "arn": identifier,
    }


def update_issuer(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change thumbprints, audiences and tags."""
    iam = call.client("iam")
    if new.get("thumbprintLists") and old.get("thumbprintLists") != new["thumbprintLists"]:
        iam.update_open_id_connect_provider_thumbprint(
            OpenIDConnectProviderArn=identifier, ThumbprintList=new["thumbprintLists"]
        )
    before, after = set(old.get("clientIdLists") or []), set(new["clientIdLists"])
    for audience in sorted(after - before):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=identifier, ClientID=audience)
    for audience in sorted(before - after):
        iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=identifier, ClientID=audience)
    change_iam(
        iam.tag_open_id_connect_provider,
        iam.untag_open_id_connect_provider,
        {"OpenIDConnectProviderArn": identifier},
        old,
        new,
    )


def delete_issuer(call: Call, identifier: str, _state: Tree) -> None:
    """Stop trusting an issuer."""
    iam = call.client("iam")
    unless_missing(lambda: iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=identifier))


TYPES = (
    ResourceType(
        name="aws:iam/policy:Policy",
        properties={
            "name": text(replaces=True),
            "policy": document(required=True),
            "path": text(default="/", replaces=True),
            "description": text(replaces=True),
            "tags": TAGS,
        },
        outputs=("arn", "attachmentCount", "policyId"),
        create=create_policy,
        read=read_policy,
        update=update_policy,
        delete=delete_policy,
        autoname=_NAME,
    ),
    ResourceType(
        name="aws:iam/instanceProfile:InstanceProfile",
        properties={
            "name": text(replaces=True),
            "path": text(default="/", replaces=True),
            "role": text(),
            "tags": TAGS,
        },
        outputs=("arn", "createDate", "uniqueId"),
        create=create_profile,
        read=read_profile,
        update=update_profile,
        delete=delete_profile,
        autoname=_NAME,
    ),
    ResourceType(
        name="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        properties={
            "url": text(required=True, replaces=True),
            "clientIdLists": texts(required=True),
            "thumbprintLists": texts(computed=True),
            "tags": TAGS,
        },
        outputs=("arn",),
        create=create_issuer,
        read=read_issuer,
        update=update_issuer,
        delete=delete_issuer,
    ),
)
