"""Zones, health checks and records, from making to deleting."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.plugins.aws.cycle import born, changed, gone
from tests.sandbox.plugins.aws.driver import Driver, RefusedError, Resource

RECORD = "aws:route53/record:Record"


@pytest.fixture
def zone(driver: Driver, unique: str) -> Resource:
    return driver.create("aws:route53/zone:Zone", "zone", {"name": f"{unique}.example.com", "forceDestroy": True})


def weighted(zone: Resource, name: str, weight: int) -> dict[str, Any]:
    """Return a weighted record's inputs."""
    return {
        "zoneId": zone.identifier,
        "name": "web",
        "type": "A",
        "ttl": 60,
        "records": ["192.0.2.1"],
        "setIdentifier": name,
        "weightedRoutingPolicies": [{"weight": weight}],
    }


def test_a_zone_and_a_health_check_live(driver: Driver, unique: str) -> None:
    inputs = {"name": f"{unique}.example.com"}
    zone = born(driver, "aws:route53/zone:Zone", "zone", inputs)
    assert len(zone.state["nameServers"]) == 4
    changed(driver, zone, inputs | {"comment": "ours", "tags": {"a": "b"}}, "comment", "tags")
    check = {"type": "HTTPS", "fqdn": "web.example.com", "port": 443, "requestInterval": 30, "failureThreshold": 3}
    health = born(driver, "aws:route53/healthCheck:HealthCheck", "health", check)
    changed(driver, health, check | {"failureThreshold": 2, "resourcePath": "/ok"}, "failureThreshold", "resourcePath")
    assert driver.diff(health, check | {"requestInterval": 10}).replaces == ("requestInterval",)
    gone(driver, health, zone)


@pytest.mark.parametrize(
    "policy",
    [
        {},
        {"weightedRoutingPolicies": [{"weight": 0}], "setIdentifier": "a"},
        {"latencyRoutingPolicies": [{"region": "us-east-1"}], "setIdentifier": "a"},
        {"failoverRoutingPolicies": [{"type": "SECONDARY"}], "setIdentifier": "a"},
        {"geolocationRoutingPolicies": [{"country": "JP"}], "setIdentifier": "a"},
        {"geolocationRoutingPolicies": [{"country": "*"}], "setIdentifier": "a"},
        {"multivalueAnswerRoutingPolicy": True, "setIdentifier": "a"},
    ],
    ids=lambda policy: next(iter(policy), "plain"),
)
def test_a_record_of_every_policy_lives(driver: Driver, zone: Resource, policy: dict[str, Any]) -> None:
    inputs = {"zoneId": zone.identifier, "name": "web", "type": "A", "ttl": 60, "records": ["192.0.2.1"], **policy}
    record = born(driver, RECORD, "web", inputs)
    changed(driver, record, inputs | {"ttl": 30}, "ttl")
    gone(driver, record)


def test_a_records_id_says_where_it_stands(driver: Driver, zone: Resource) -> None:
    record = driver.create(RECORD, "web", weighted(zone, "us-east", 3))
    assert record.identifier == f"{zone.identifier}_web_A_us-east"
    assert record.state["fqdn"] == f"web.{zone.inputs['name']}"
    found = driver.import_(RECORD, "web", record.identifier)
    assert found is not None
    assert driver.diff(found, record.inputs).changed == ()


def test_an_alias_lives_and_its_target_is_compared_as_a_domain_name(driver: Driver, zone: Resource) -> None:
    driver.create(RECORD, "leaf", weighted(zone, "us-east", 3))
    name = zone.inputs["name"]
    alias = {"name": f"WEB.{name}.", "zoneId": zone.identifier, "evaluateTargetHealth": True}
    inputs = {"zoneId": zone.identifier, "name": f"public.{name}", "type": "A", "aliases": [alias]}
    record = born(driver, RECORD, "public", inputs)
    gone(driver, record)


def test_a_wildcard_is_an_alias_like_any_other_name(driver: Driver, zone: Resource) -> None:
    name = zone.inputs["name"]
    driver.create(RECORD, "leaf", weighted(zone, "us-east", 3) | {"name": f"_weighted._any.{name}"})
    alias = {"name": f"_weighted._any.{name}", "zoneId": zone.identifier, "evaluateTargetHealth": True}
    inputs = {"zoneId": zone.identifier, "name": f"*.{name}", "type": "A", "aliases": [alias], "allowOverwrite": True}
    gone(driver, born(driver, RECORD, "any", inputs))


def test_a_text_record_is_quoted_for_aws_and_not_for_the_program(
    driver: Driver, zone: Resource, boto: Callable[[str], Any]
) -> None:
    inputs = {"zoneId": zone.identifier, "name": "note", "type": "TXT", "ttl": 60, "records": ["heritage=fed"]}
    born(driver, RECORD, "note", inputs)
    sets = boto("route53").list_resource_record_sets(HostedZoneId=zone.identifier)["ResourceRecordSets"]
    assert [{"Value": '"heritage=fed"'}] in [found.get("ResourceRecords") for found in sets]


def test_a_set_identifier_moves_in_one_batch(driver: Driver, zone: Resource, boto: Callable[[str], Any]) -> None:
    record = driver.create(RECORD, "web", weighted(zone, "old", 3))
    driver.update(record, weighted(zone, "new", 3))
    sets = boto("route53").list_resource_record_sets(HostedZoneId=zone.identifier)["ResourceRecordSets"]
    assert [found["SetIdentifier"] for found in sets if "SetIdentifier" in found] == ["new"]
    gone(driver, record)


def test_a_record_that_stands_already_is_refused_unless_overwriting_is_allowed(driver: Driver, zone: Resource) -> None:
    driver.create(RECORD, "web", weighted(zone, "us-east", 3))
    with pytest.raises(RefusedError, match=r"InvalidChangeBatch.*it already exists"):
        driver.create(RECORD, "again", weighted(zone, "us-east", 4))
    record = driver.create(RECORD, "again", weighted(zone, "us-east", 4) | {"allowOverwrite": True})
    assert record.state["weightedRoutingPolicies"] == [{"weight": 4}]


def test_another_policy_beside_one_is_refused_as_aws_does(driver: Driver, zone: Resource) -> None:
    driver.create(RECORD, "web", weighted(zone, "us-east", 3))
    latency = {key: value for key, value in weighted(zone, "us-west", 3).items() if key != "weightedRoutingPolicies"}
    with pytest.raises(RefusedError, match=r"InvalidChangeBatch"):
        driver.create(RECORD, "other", latency | {"latencyRoutingPolicies": [{"region": "us-west-2"}]})


def test_a_weight_changed_by_hand_is_drift(driver: Driver, zone: Resource, boto: Callable[[str], Any]) -> None:
    inputs = weighted(zone, "us-east", 3)
    record = driver.create(RECORD, "web", inputs)
    route53 = boto("route53")
    sets = route53.list_resource_record_sets(HostedZoneId=zone.identifier)["ResourceRecordSets"]
    changed_set = next(found for found in sets if found.get("SetIdentifier") == "us-east") | {"Weight": 9}
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": changed_set}]}
    route53.change_resource_record_sets(HostedZoneId=zone.identifier, ChangeBatch=batch)
    found = driver.read(record)
    assert found is not None
    assert driver.diff(found, inputs).detailed.keys() == {"weightedRoutingPolicies[0].weight"}


def test_a_zone_with_records_in_it_goes_only_when_that_was_asked_for(driver: Driver, unique: str) -> None:
    zone = driver.create("aws:route53/zone:Zone", "zone", {"name": f"{unique}.example.com"})
    driver.create(RECORD, "web", weighted(zone, "us-east", 3))
    with pytest.raises(RefusedError, match=r"HostedZoneNotEmpty"):
        driver.delete(zone)
    driver.update(zone, zone.inputs | {"forceDestroy": True})
    gone(driver, zone)
