"""Roles, policies and buckets, from making to deleting."""

import json

import pytest

from tests.sandbox.plugins.aws import world
from tests.sandbox.plugins.aws.cycle import born, changed, gone
from tests.sandbox.plugins.aws.driver import Driver, RefusedError

READ_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}]}
LIST_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}


def test_a_role_with_its_policies_lives(driver: Driver, unique: str) -> None:
    inputs = {"assumeRolePolicy": world.trust("ec2.amazonaws.com"), "tags": {"a": "b"}}
    role = born(driver, "aws:iam/role:Role", unique, inputs)
    arn = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"
    attached = {"role": role.identifier, "policyArn": arn}
    managed = born(driver, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "nodes", attached)
    own = {"role": role.identifier, "policy": READ_ALL}
    inline = born(driver, "aws:iam/rolePolicy:RolePolicy", "own", own)
    changed(driver, inline, own | {"policy": LIST_ALL}, "policy")
    changed(driver, role, inputs | {"description": "nodes", "tags": {}}, "description", "tags")
    profile = born(driver, "aws:iam/instanceProfile:InstanceProfile", unique, {"role": role.identifier})
    gone(driver, profile, inline, managed, role)


def test_a_role_is_made_once(driver: Driver, unique: str) -> None:
    inputs = {"name": unique, "assumeRolePolicy": world.trust("ec2.amazonaws.com")}
    driver.create("aws:iam/role:Role", "first", inputs)
    with pytest.raises(RefusedError, match=r"CreateRole: EntityAlreadyExists"):
        driver.create("aws:iam/role:Role", "second", inputs)


def test_a_role_that_was_deleted_by_hand_is_gone_at_the_next_refresh(driver: Driver, unique: str) -> None:
    role = world.role(driver, unique, "ec2.amazonaws.com")
    driver.delete(role)
    assert driver.read(role) is None


def test_a_managed_policy_lives(driver: Driver, unique: str) -> None:
    policy = born(driver, "aws:iam/policy:Policy", unique, {"policy": json.dumps(READ_ALL)})
    changed(driver, policy, {"policy": json.dumps(LIST_ALL)}, "policy")
    gone(driver, policy)


def test_a_token_issuer_lives(driver: Driver, unique: str) -> None:
    inputs = {"url": f"https://oidc.example.com/{unique}", "clientIdLists": ["sts.amazonaws.com"]}
    issuer = born(driver, "aws:iam/openIdConnectProvider:OpenIdConnectProvider", "issuer", inputs)
    changed(driver, issuer, inputs | {"thumbprintLists": ["0" * 39 + "1"]}, "thumbprintLists")
    gone(driver, issuer)


def test_a_bucket_lives(driver: Driver, unique: str) -> None:
    inputs = {"forceDestroy": True, "tags": {"a": "b"}}
    bucket = born(driver, "aws:s3/bucket:Bucket", unique.upper(), inputs)
    assert bucket.identifier == bucket.identifier.lower()
    changed(driver, bucket, inputs | {"tags": {"c": "d"}}, "tags")
    gone(driver, bucket)
