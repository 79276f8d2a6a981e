"""The provider's responses other than those of successful resource operations."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf import any_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from sandbox.plugins.aws import lifecycle
from sandbox.plugins.aws.call import Call, WaitFailedError
from sandbox.plugins.aws.resources import clusters
from sandbox.plugins.properties import decode, encode
from tests.sandbox.plugins.aws import world
from tests.sandbox.plugins.aws.driver import Driver, RefusedError


def test_an_unknown_type_is_named_and_the_known_ones_are_listed(driver: Driver) -> None:
    with pytest.raises(RefusedError, match=r"aws:sqs/queue:Queue is not known .*aws:ec2/vpc:Vpc"):
        driver.check("aws:sqs/queue:Queue", "jobs", {})


def test_an_unknown_function_is_named_and_the_known_ones_are_listed(driver: Driver) -> None:
    with pytest.raises(RefusedError, match=r"aws:ec2/getAmi:getAmi: is not known .*getCallerIdentity"):
        driver.invoke("aws:ec2/getAmi:getAmi", {})


def test_an_unknown_argument_of_a_function_is_named(driver: Driver) -> None:
    with pytest.raises(RefusedError, match=r"the argument filters is not known"):
        driver.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {"filters": []})


def test_functions_answer(driver: Driver, unique: str) -> None:
    assert driver.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})["accountId"] == "123456789012"
    assert driver.invoke("aws:index/getPartition:getPartition", {})["dnsSuffix"] == "amazonaws.com"
    assert driver.invoke("aws:index/getRegion:getRegion", {})["region"] == "us-east-1"
    zones = driver.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {"region": "us-west-2"})
    assert zones["names"][0] == "us-west-2a"
    network = driver.invoke("aws:lb/getHostedZoneId:getHostedZoneId", {"loadBalancerType": "network"})
    classic = driver.invoke("aws:elb/getHostedZoneId:getHostedZoneId", {"region": "ap-northeast-1"})
    assert (network["id"], classic["id"]) == ("Z26RNL4JYFTOTI", "Z14GRHDCWA56QT")
    made = driver.create("aws:route53/zone:Zone", "zone", {"name": f"{unique}.example.com"})
    assert driver.invoke("aws:route53/getZone:getZone", {"name": f"{unique}.example.com."})["id"] == made.identifier
    wanted = {"addonName": "vpc-cni", "kubernetesVersion": "1.34", "mostRecent": True}
    assert driver.invoke("aws:eks/getAddonVersion:getAddonVersion", wanted)["version"].startswith("v1.")


def test_credentials_that_aws_does_not_know_are_said_at_once(environment: None) -> None:
    driver = Driver()
    with pytest.raises(RefusedError, match=r"AWS refuses the credentials: GetCallerIdentity: InvalidClientTokenId"):
        driver.configure({"region": "us-east-1", "accessKey": "AKIAWRONG", "secretKey": "planted-secret"})
    driver.close()


def test_an_aws_that_does_not_answer_is_said_with_what_to_look_at(
    environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    driver = Driver()
    with pytest.raises(RefusedError, match=r"is AWS_ENDPOINT_URL right and the sandbox up\?"):
        driver.configure({"region": "us-east-1"})
    driver.close()


def test_an_account_that_is_not_allowed_is_refused(environment: None) -> None:
    driver = Driver()
    with pytest.raises(RefusedError, match=r"account 123456789012 is not one that allowedAccountIds"):
        driver.configure({"region": "us-east-1", "allowedAccountIds": '["999999999999"]'})
    driver.close()


def test_a_role_is_assumed_before_anything_is_asked(driver: Driver, environment: None, unique: str) -> None:
    policy = {"assumeRolePolicy": world.trust("ec2.amazonaws.com").replace('"Service": "ec2.amazonaws.com"', _ANYONE)}
    role = driver.create("aws:iam/role:Role", unique, policy)
    other = Driver({"region": "us-east-1", "assumeRoles": f'[{{"roleArn": "{role.state["arn"]}"}}]'})
    arn = other.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})["arn"]
    assert arn.startswith(f"arn:aws:sts::123456789012:assumed-role/{role.identifier}/")
    other.close()


def test_a_resource_may_stand_in_another_region_than_the_provider(driver: Driver, boto: Callable[..., Any]) -> None:
    vpc = driver.create("aws:ec2/vpc:Vpc", "far", {"cidrBlock": "10.0.0.0/16", "region": "eu-west-1"})
    assert vpc.state["region"] == "eu-west-1"
    assert boto("ec2", "eu-west-1").describe_vpcs(VpcIds=[vpc.identifier])["Vpcs"]
    assert driver.diff(vpc, {"cidrBlock": "10.0.0.0/16", "region": "us-east-1"}).replaces == ("region",)
    found = driver.read(vpc)
    assert found == vpc
    driver.delete(vpc)


def test_a_new_region_replaces_a_provider_and_new_tags_do_not(driver: Driver) -> None:
    old, tagged = {"region": "us-east-1"}, {"region": "us-east-1", "defaultTags": '{"tags": {"a": "b"}}'}

    def diff(new: dict[str, str]) -> Any:
        request = provider_pb2.DiffRequest(old_inputs=encode(old), news=encode(new))
        return driver.call(driver.servicer.DiffConfig, request)

    assert list(diff({"region": "us-west-2"}).replaces) == ["region"]
    assert (list(diff(tagged).replaces), list(diff(tagged).diffs)) == ([], ["defaultTags"])


def test_default_tags_reach_aws_and_are_no_drift(environment: None, boto: Callable[[str], Any]) -> None:
    driver = Driver({"region": "us-east-1", "defaultTags": '{"tags": {"federation": "atlas"}}'})
    vpc = driver.create("aws:ec2/vpc:Vpc", "main", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
    assert vpc.state["tagsAll"] == {"federation": "atlas", "a": "b"}
    assert driver.diff(vpc, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}}).changed == ()
    assert driver.read(vpc) == vpc
    driver.close()


def test_what_fails_after_it_was_made_is_kept_in_state(
    driver: Driver, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_call: Call, _identifier: str, _inputs: dict[str, Any]) -> None:
        raise WaitFailedError("cluster ACTIVE: not after 0 s")

    kind = next(kind for kind in clusters.TYPES)
    call = Call(aws=driver.servicer._clients, region="us-east-1", say=lambda _line: None, seconds=60)
    plane = world.role(driver, unique, "eks.amazonaws.com")
    inputs = world.cluster_inputs(unique, plane.state["arn"], world.network(driver).subnet_ids)
    with pytest.raises(lifecycle.UnfinishedError) as failed:
        lifecycle.create(_with_settle(kind, never), call, inputs)
    assert failed.value.identifier == unique
    assert failed.value.state["roleArn"] == plane.state["arn"]


def test_an_update_that_fails_half_way_tells_the_engine_what_is_left(driver: Driver, unique: str) -> None:
    cluster = world.cluster(driver, unique)
    with pytest.raises(RefusedError, match=r"updating aws:eks/cluster:Cluster") as refused:
        driver.update(cluster, cluster.inputs | {"version": "1.20"})
    status = status_pb2.Status.FromString(dict(refused.value.status.trailing_metadata)["grpc-status-details-bin"])
    detail = provider_pb2.ErrorResourceInitFailed()
    packed: any_pb2.Any = status.details[0]
    assert packed.Unpack(detail)
    assert (detail.id, decode(detail.properties).tree["version"]) == (unique, cluster.state["version"])


def test_cancelling_ends_waits(driver: Driver) -> None:
    call = Call(
        aws=driver.servicer._clients,
        region="us-east-1",
        say=lambda _line: None,
        seconds=60,
        stop=driver.servicer._stop,
    )
    driver.call(driver.servicer.Cancel, None)
    with pytest.raises(WaitFailedError, match=r"the end of days: cancelled"):
        call.wait("the end of days", lambda: False)


def _with_settle(kind: Any, settle: Callable[[Call, str, dict[str, Any]], None]) -> Any:
    return replace(kind, settle=settle)


_ANYONE = '"AWS": "arn:aws:iam::123456789012:root"'
