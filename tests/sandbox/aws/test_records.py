"""Route53's rules, as data: tests/sandbox/aws/cases/."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.aws import records, recordset
from sandbox.aws.recordset import Alias, Change, InvalidInputError, InvalidValueError, RecordSet

CASES = Path(__file__).parent / "cases"
APEX = "fed.example.com."
OWN = (
    RecordSet(name=APEX, type="NS", ttl=60, values=frozenset(["ns-1.example.net."])),
    RecordSet(name=APEX, type="SOA", ttl=900, values=frozenset(["ns-1.example.net. h.example.net. 1 2 3 4 5"])),
)
ZONE = records.Zone("ZONE", APEX, OWN)


def load(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.safe_load((CASES / name).read_text())
    return cases


def lookup(alias: Alias, kind: str) -> records.TargetAnswer:
    assert kind in ("A", "AAAA")
    return "found" if (alias.zone_id, alias.dns_name) == ("LBZONE", "lb.elb.us-east-1.amazonaws.com.") else "missing"


def read(action: str, name: str, kind: str, more: dict[str, Any]) -> Change:
    full = name if name.endswith(".") else f"{name}.{APEX}".lstrip(".")
    fields: dict[str, Any] = {"Name": full, "Type": kind}
    if "alias" in more:
        zone, target = more["alias"]
        fields["AliasTarget"] = {"HostedZoneId": zone, "DNSName": target, "EvaluateTargetHealth": True}
    else:
        fields |= {"TTL": more.get("ttl", 60), "ResourceRecords": [{"Value": value} for value in more["values"]]}
    names = {"id": "SetIdentifier", "weight": "Weight", "region": "Region", "failover": "Failover"}
    names |= {"geo": "GeoLocation", "multivalue": "MultiValueAnswer"}
    fields |= {api: more[short] for short, api in names.items() if short in more}
    return recordset.read_change({"Action": action, "ResourceRecordSet": fields})


def batch(rows: list[list[Any]]) -> list[Change]:
    return [read(*row) for row in rows]


@pytest.mark.parametrize("case", load("route53.yaml"), ids=lambda case: case["case"])
def test_a_batch_is_applied_or_refused_as_route53_does(case: dict[str, Any]) -> None:
    standing = records.apply(ZONE, batch(case.get("standing", [])), lookup)
    zone = records.Zone(ZONE.ident, ZONE.name, standing)
    if "refused" in case:
        with pytest.raises(records.RefusedBatchError) as refused:
            records.apply(zone, batch(case["batch"]), lookup)
        assert case["refused"] in str(refused.value)
    else:
        after = {record.key: record for record in records.apply(zone, batch(case["batch"]), lookup)}
        for change in batch(case["batch"]):
            expected = None if change.action == "DELETE" else change.record
            assert after.get(change.record.key) == expected or len(case["batch"]) > 1


@pytest.mark.parametrize("case", load("route53_input.yaml"), ids=lambda case: case["case"])
def test_a_contradictory_record_set_is_invalid_input(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        recordset.read_change({"Action": "CREATE", "ResourceRecordSet": case["fields"]})
    assert case["refused"] in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "value"), [("A", "2001:db8::1"), ("AAAA", "192.0.2.1"), ("A", "host.example.org"), ("TXT", "unquoted")]
)
def test_a_value_that_is_none_of_its_type_is_refused(kind: str, value: str) -> None:
    with pytest.raises(InvalidValueError, match="FATAL problem"):
        read("CREATE", "web", kind, {"values": [value]})


def test_record_sets_are_listed_by_label_from_the_right() -> None:
    rows = [["CREATE", name, "A", {"values": ["192.0.2.1"]}] for name in ("b", "z.a", "a")]
    names = [record.name for record in records.apply(ZONE, batch(rows), lookup)]
    assert names == [APEX, APEX, f"a.{APEX}", f"z.a.{APEX}", f"b.{APEX}"]


def test_a_record_set_survives_being_written_and_read() -> None:
    change = read("CREATE", "*.Web", "A", {"values": ["192.0.2.2", "192.0.2.1"], "id": "a", "weight": 0})
    assert recordset.read_fields(change.record.fields()) == change.record
    assert change.record.name == f"\\052.web.{APEX}"
