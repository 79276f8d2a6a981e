"""`ec2.LaunchTemplate`: as much of one as managed node groups use."""

from typing import Any

from sandbox.plugins.aws.call import Call, unless_missing
from sandbox.plugins.aws.resources.tagging import change_ec2, mapping, specification
from sandbox.plugins.aws.schema import (
    REGION,
    TAGS,
    AutoName,
    ResourceType,
    Tree,
    block,
    blocks,
    flag,
    labels,
    number,
    text,
    texts,
)

_EBS = {
    "volumeSize": ("VolumeSize", number()),
    "volumeType": ("VolumeType", text()),
    "encrypted": ("Encrypted", flag()),
    "deleteOnTermination": ("DeleteOnTermination", flag()),
    "iops": ("Iops", number()),
    "throughput": ("Throughput", number()),
    "kmsKeyId": ("KmsKeyId", text()),
}
_METADATA = {
    "httpEndpoint": ("HttpEndpoint", text()),
    "httpTokens": ("HttpTokens", text()),
    "httpPutResponseHopLimit": ("HttpPutResponseHopLimit", number()),
    "instanceMetadataTags": ("InstanceMetadataTags", text()),
}
_PLAIN = {
    "imageId": "ImageId",
    "instanceType": "InstanceType",
    "keyName": "KeyName",
    "userData": "UserData",
    "vpcSecurityGroupIds": "SecurityGroupIds",
}
_WRITTEN = (*_PLAIN, "blockDeviceMappings", "metadataOptions", "tagSpecifications", "description")
_DEVICE = {"deviceName": text(), "ebs": block({name: prop for name, (_, prop) in _EBS.items()})}
_TAGGED = {"resourceType": text(), "tags": labels()}


def create(call: Call, inputs: Tree) -> str:
    """Make a template and its first version."""
    response = call.client("ec2").create_launch_template(
        LaunchTemplateName=inputs["name"],
        LaunchTemplateData=_data(inputs),
        **_note(inputs),
        **specification("launch-template", inputs),
    )
    return str(response["LaunchTemplate"]["LaunchTemplateId"])


def read(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a template and its latest version."""
    ec2 = call.client("ec2")
    response = unless_missing(lambda: ec2.describe_launch_templates(LaunchTemplateIds=[identifier]))
    if not response or not response["LaunchTemplates"]:
        return None
    template = response["LaunchTemplates"][0]
    latest = str(template["LatestVersionNumber"])
    versions = ec2.describe_launch_template_versions(LaunchTemplateId=identifier, Versions=[latest])
    version: Any = versions["LaunchTemplateVersions"][0]
    data = version["LaunchTemplateData"]
    return {
        "region": call.region,
        "name": template["LaunchTemplateName"],
        "description": version.get("VersionDescription", ""),
        **{name: data.get(key) for name, key in _PLAIN.items()},
        "blockDeviceMappings": [_device(device) for device in data.get("BlockDeviceMappings") or []],
        "metadataOptions": _back(_METADATA, data.get("MetadataOptions")),
        "tagSpecifications": [
            {"resourceType": entry["ResourceType"], "tags": mapping(entry.get("Tags"))}
            for entry in data.get("TagSpecifications") or []
        ],
        "defaultVersion": template["DefaultVersionNumber"],
        "tags": mapping(template.get("Tags")),
        "arn": call.arn("ec2", f"launch-template/{identifier}"),
        "latestVersion": template["LatestVersionNumber"],
    }


def update(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Write a new version when the content changed; the default version follows when the program says so."""
    ec2 = call.client("ec2")
    if any(old.get(name) != new.get(name) for name in _WRITTEN):
        response = ec2.create_launch_template_version(
            LaunchTemplateId=identifier, LaunchTemplateData=_data(new), **_note(new)
        )
        if new.get("updateDefaultVersion"):
            version = str(response["LaunchTemplateVersion"]["VersionNumber"])
            ec2.modify_launch_template(LaunchTemplateId=identifier, DefaultVersion=version)
    change_ec2(call, identifier, old, new)


def delete(call: Call, identifier: str, _state: Tree) -> None:
    """Delete a template."""
    unless_missing(lambda: call.client("ec2").delete_launch_template(LaunchTemplateId=identifier))


def _note(inputs: Tree) -> dict[str, str]:
    return {"VersionDescription": inputs["description"]} if inputs.get("description") else {}


def _data(inputs: Tree) -> dict[str, Any]:
    data = {key: inputs[name] for name, key in _PLAIN.items() if inputs.get(name)}
    if mappings := inputs.get("blockDeviceMappings"):
        data["BlockDeviceMappings"] = [
            {"DeviceName": device.get("deviceName"), "Ebs": _forth(_EBS, device.get("ebs"))} for device in mappings
        ]
    if options := inputs.get("metadataOptions"):
        data["MetadataOptions"] = _forth(_METADATA, options)
    if given := inputs.get("tagSpecifications"):
        data["TagSpecifications"] = [
            specification(entry["resourceType"], entry)["TagSpecifications"][0] for entry in given if entry.get("tags")
        ]
    return data


def _forth(fields: Any, given: Tree | None) -> dict[str, Any]:
    written = {}
    for name, (key, prop) in fields.items():
        value = (given or {}).get(name)
        if value is not None:
            kind = prop.kind.name
            written[key] = int(value) if kind == "NUMBER" else str(value) == "True" if kind == "FLAG" else value
    return written


def _back(fields: Any, found: Tree | None) -> Tree | None:
    known = {name: (found or {}).get(key) for name, (key, _) in fields.items()}
    return {name: value for name, value in known.items() if value is not None} or None


def _device(found: Tree) -> Tree:
    return {"deviceName": found.get("DeviceName"), "ebs": _back(_EBS, found.get("Ebs"))}


TYPES = (
    ResourceType(
        name="aws:ec2/launchTemplate:LaunchTemplate",
        properties={
            "name": text(replaces=True),
            "description": text(),
            **{name: text() for name in ("imageId", "instanceType", "keyName", "userData")},
            "vpcSecurityGroupIds": texts(),
            "blockDeviceMappings": blocks(_DEVICE, unordered=False),
            "metadataOptions": block({name: prop for name, (_, prop) in _METADATA.items()}, computed=True),
            "tagSpecifications": blocks(_TAGGED, unordered=False),
            "updateDefaultVersion": flag(),
            "defaultVersion": number(computed=True),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=("arn", "latestVersion"),
        create=create,
        read=read,
        update=update,
        delete=delete,
        autoname=AutoName(
            longest=125, pattern=r"[a-zA-Z0-9().\-/_]{3,}", allowed="3 or more of letters, digits and ().-/_"
        ),
    ),
)
