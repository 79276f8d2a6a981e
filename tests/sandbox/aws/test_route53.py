"""Route53's refusals as boto3 sees them; the rules themselves are in test_records."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.aws.fakes import Client, make_network


def make_zone(client: Client, name: str) -> str:
    ident: str = client("route53").create_hosted_zone(Name=f"{name}.example.com", CallerReference=name)["HostedZone"][
        "Id"
    ]
    return ident


def change(client: Client, zone: str, *changes: tuple[str, dict[str, Any]]) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record} for action, record in changes]}
    client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


def address(name: str, value: str = "192.0.2.1", **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": value}], **more}


def alias(name: str, zone: str, target: str, **more: Any) -> dict[str, Any]:
    to = {"HostedZoneId": zone, "DNSName": target, "EvaluateTargetHealth": True}
    return {"Name": name, "Type": "A", "AliasTarget": to, **more}


def listed(client: Client, zone: str) -> list[dict[str, Any]]:
    pages = client("route53").get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
    records = [record for page in pages for record in page["ResourceRecordSets"]]
    return [record for record in records if record["Type"] not in ("NS", "SOA")]


def test_a_refused_batch_leaves_nothing_behind(client: Client, unique: str) -> None:
    zone = make_zone(client, unique)
    bad = address(f"gone.{unique}.example.com")
    with pytest.raises(ClientError) as refused:
        change(client, zone, ("CREATE", address(f"web.{unique}.example.com")), ("DELETE", bad))
    assert refused.value.response["Error"]["Code"] == "InvalidChangeBatch"
    assert refused.value.response["Error"]["Message"] == (
        f"[Tried to delete resource record set [name='gone.{unique}.example.com.', type='A'] but it was not found]"
    )
    assert listed(client, zone) == []


def test_a_weight_out_of_range_is_invalid_input(client: Client, unique: str) -> None:
    zone = make_zone(client, unique)
    record = address(f"web.{unique}.example.com", SetIdentifier="a", Weight=256)
    with pytest.raises(ClientError, match=r"InvalidInput.*not between 0 and 255"):
        change(client, zone, ("CREATE", record))


def test_two_kinds_of_policy_on_a_name_are_refused(client: Client, unique: str) -> None:
    zone, name = make_zone(client, unique), f"web.{unique}.example.com"
    change(client, zone, ("CREATE", address(name, SetIdentifier="a", Weight=3)))
    with pytest.raises(ClientError, match=r"InvalidChangeBatch.*non-latency set exists"):
        change(client, zone, ("CREATE", address(name, SetIdentifier="b", Region="us-east-1")))


@pytest.mark.parametrize(
    "policy",
    [
        {"Weight": 0},
        {"Region": "eu-west-1"},
        {"Failover": "PRIMARY"},
        {"GeoLocation": {"ContinentCode": "EU"}},
        {"GeoLocation": {"CountryCode": "US", "SubdivisionCode": "CA"}},
        {"MultiValueAnswer": True},
    ],
    ids=lambda policy: "-".join(policy),
)
def test_every_policy_is_kept_and_can_be_deleted_as_listed(client: Client, unique: str, policy: dict[str, Any]) -> None:
    zone = make_zone(client, unique)
    record = address(f"web.{unique}.example.com.", SetIdentifier="a", **policy)
    change(client, zone, ("CREATE", record))
    assert listed(client, zone) == [record]
    change(client, zone, ("DELETE", listed(client, zone)[0]))
    assert listed(client, zone) == []


def test_an_alias_needs_a_load_balancer_in_its_own_zone(client: Client, unique: str) -> None:
    zone, network = make_zone(client, unique), make_network(client, "us-west-2")
    made = client("elbv2", "us-west-2").create_load_balancer(
        Name=unique, Type="network", Subnets=list(network.subnets)
    )["LoadBalancers"][0]
    name = f"web.{unique}.example.com"
    for wrong, why in (("Z26RNL4JYFTOTI", "does not lie within the target zone"), ("ZNOBODY", "was not found")):
        with pytest.raises(ClientError, match=why):
            change(client, zone, ("CREATE", alias(name, wrong, made["DNSName"])))
    good = alias(name, made["CanonicalHostedZoneId"], made["DNSName"].upper())
    change(client, zone, ("CREATE", good))
    assert listed(client, zone)[0]["AliasTarget"]["DNSName"] == made["DNSName"] + "."
    client("elbv2", "us-west-2").delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])
    with pytest.raises(ClientError, match="but that target was not found"):
        change(client, zone, ("UPSERT", good))


def test_a_tree_of_aliases_is_accepted_leaf_first(client: Client, unique: str) -> None:
    zone, base = make_zone(client, unique), f"{unique}.example.com"
    change(
        client,
        zone,
        ("CREATE", address(f"leaf.{base}")),
        ("CREATE", alias(f"region.{base}", zone, f"leaf.{base}", SetIdentifier="us", Weight=6)),
        ("CREATE", alias(f"web.{base}", zone, f"region.{base}", SetIdentifier="us", Region="us-east-1")),
        ("CREATE", alias(base, zone, f"web.{base}")),
    )
    assert len(listed(client, zone)) == 4


def test_pages_neither_lose_nor_double_record_sets(client: Client, unique: str) -> None:
    zone, route53 = make_zone(client, unique), client("route53")
    for number in range(7):
        change(client, zone, ("CREATE", address(f"web.{unique}.example.com", SetIdentifier=str(number), Weight=1)))
    seen: list[tuple[str, str | None]] = []
    start: dict[str, str] = {}
    while True:
        page = route53.list_resource_record_sets(HostedZoneId=zone, MaxItems="2", **start)
        seen += [(record["Name"], record.get("SetIdentifier")) for record in page["ResourceRecordSets"]]
        if not page["IsTruncated"]:
            break
        names = {"StartRecordName": "NextRecordName", "StartRecordType": "NextRecordType"}
        names["StartRecordIdentifier"] = "NextRecordIdentifier"
        start = {ours: page[theirs] for ours, theirs in names.items() if theirs in page}
    assert len(seen) == 9
    assert [identifier for _, identifier in seen[2:]] == [str(number) for number in range(7)]


def test_a_zone_with_records_is_not_deleted(client: Client, unique: str) -> None:
    zone, route53 = make_zone(client, unique), client("route53")
    record = address(f"web.{unique}.example.com")
    change(client, zone, ("CREATE", record))
    with pytest.raises(ClientError, match="HostedZoneNotEmpty"):
        route53.delete_hosted_zone(Id=zone)
    change(client, zone, ("DELETE", record))
    route53.delete_hosted_zone(Id=zone)
    with pytest.raises(ClientError, match="NoSuchHostedZone"):
        route53.get_hosted_zone(Id=zone)


def test_a_caller_reference_makes_one_zone(client: Client, unique: str) -> None:
    make_zone(client, unique)
    with pytest.raises(ClientError, match="HostedZoneAlreadyExists"):
        make_zone(client, unique)


def test_a_record_needs_its_health_check(client: Client, unique: str) -> None:
    zone, route53 = make_zone(client, unique), client("route53")
    name = f"web.{unique}.example.com"
    missing = address(name, SetIdentifier="a", Weight=1, HealthCheckId="00000000-0000-0000-0000-000000000000")
    with pytest.raises(ClientError, match="NoSuchHealthCheck"):
        change(client, zone, ("CREATE", missing))
    config = {"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 80}
    made = route53.create_health_check(CallerReference=unique, HealthCheckConfig=config)["HealthCheck"]["Id"]
    with pytest.raises(ClientError, match="HealthCheckAlreadyExists"):
        route53.create_health_check(CallerReference=unique, HealthCheckConfig=config)
    change(client, zone, ("CREATE", address(name, SetIdentifier="a", Weight=1, HealthCheckId=made)))
    assert listed(client, zone)[0]["HealthCheckId"] == made


def test_a_health_check_in_use_may_be_deleted_once(client: Client, unique: str) -> None:
    route53 = client("route53")
    config = {"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 80}
    made = route53.create_health_check(CallerReference=unique, HealthCheckConfig=config)["HealthCheck"]["Id"]
    zone = make_zone(client, unique)
    record = address(f"web.{unique}.example.com", SetIdentifier="a", Weight=1, HealthCheckId=made)
    change(client, zone, ("CREATE", record))
    route53.delete_health_check(HealthCheckId=made)
    with pytest.raises(ClientError, match="NoSuchHealthCheck"):
        route53.delete_health_check(HealthCheckId=made)
    change(client, zone, ("DELETE", record))
