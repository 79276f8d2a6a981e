"""`s3.Bucket`: a bucket, its tags and nothing more; enough for a state backend or for logs."""

from typing import Any

from botocore.exceptions import ClientError

from sandbox.plugins.aws.call import Call, code, unless_missing
from sandbox.plugins.aws.resources.tagging import mapping, pairs
from sandbox.plugins.aws.schema import REGION, TAGS, AutoName, ResourceType, Tree, flag, text

_NO_LOCATION = "us-east-1"
_HOSTED_ZONES = {"us-east-1": "Z3AQBSTGFYJSTF", "us-west-2": "Z3BJ6K6RIION7M", "eu-west-1": "Z1BKCTXD74EZPE"}


def create(call: Call, inputs: Tree) -> str:
    """Make a bucket; its id is its name."""
    place = {"CreateBucketConfiguration": {"LocationConstraint": call.region}} if call.region != _NO_LOCATION else {}
    call.client("s3").create_bucket(Bucket=inputs["bucket"], **place)
    _tag(call, inputs["bucket"], {}, inputs)
    return str(inputs["bucket"])


def read(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a bucket."""
    s3 = call.client("s3")
    if unless_missing(lambda: s3.head_bucket(Bucket=identifier)) is None:
        return None
    region = s3.get_bucket_location(Bucket=identifier).get("LocationConstraint") or _NO_LOCATION
    return {
        "region": region,
        "bucket": identifier,
        "tags": _tags(s3, identifier),
        "arn": f"arn:aws:s3:::{identifier}",
        "bucketDomainName": f"{identifier}.s3.amazonaws.com",
        "bucketRegion": region,
        "bucketRegionalDomainName": f"{identifier}.s3.{region}.amazonaws.com",
        "hostedZoneId": _HOSTED_ZONES.get(region, ""),
        "websiteDomain": "",
        "websiteEndpoint": "",
    }


def update(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change tags."""
    _tag(call, identifier, old, new)


def delete(call: Call, identifier: str, state: Tree) -> None:
    """Delete a bucket, with `forceDestroy` after all its objects."""
    s3 = call.client("s3")
    if state.get("forceDestroy"):
        unless_missing(lambda: _empty(s3, identifier))
    unless_missing(lambda: s3.delete_bucket(Bucket=identifier))


def _empty(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in versions]
        if objects:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})


def _tags(s3: Any, bucket: str) -> dict[str, str]:
    try:
        return mapping(s3.get_bucket_tagging(Bucket=bucket)["TagSet"])
    except ClientError as error:
        if code(error) == "NoSuchTagSet":
            return {}
        raise


def _tag(call: Call, bucket: str, old: Tree, new: Tree) -> None:
    s3 = call.client("s3")
    if (old.get("tags") or {}) == (new.get("tags") or {}):
        return
    if new.get("tags"):
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": pairs(new["tags"])})
    else:
        s3.delete_bucket_tagging(Bucket=bucket)


TYPES = (
    ResourceType(
        name="aws:s3/bucket:Bucket",
        properties={
            "bucket": text(replaces=True),
            "forceDestroy": flag(default=False),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=(
            "arn",
            "bucketDomainName",
            "bucketRegion",
            "bucketRegionalDomainName",
            "hostedZoneId",
            "websiteDomain",
            "websiteEndpoint",
        ),
        create=create,
        read=read,
        update=update,
        delete=delete,
        autoname=AutoName(
            property="bucket",
            longest=63,
            pattern=r"[a-z0-9][a-z0-9.-]{2,}",
            allowed="3 or more of lower-case letters, digits, . and -",
            lower=True,
        ),
    ),
)
