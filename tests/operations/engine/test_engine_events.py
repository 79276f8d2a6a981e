"""Engine events become one line a member."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from federation.operations.engine import engine_events
from federation.operations.engine.engine_events import FEDERATION, Changes

MEMBERS = ("us-east", "us-east-two", "us-west")


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:dev::shop::eks-federation:index:Federation${token}::{name}"


def done(op: str, token: str, name: str, **more: Any) -> Mapping[str, Any]:
    return {"resOutputsEvent": {"metadata": {"op": op, "type": token, "urn": urn(token, name)}, **more}}


def told(severity: str, name: str, message: str) -> Mapping[str, Any]:
    return {"diagnosticEvent": {"severity": severity, "message": message, "urn": urn("kubernetes:apps/v1:D", name)}}


def by_name(*events: Mapping[str, Any]) -> dict[str, Changes]:
    return {each.member: each for each in engine_events.by_member(events, MEMBERS)}


MAP = "kubernetes:core/v1:ConfigMap"


def test_changes_are_counted_by_member_and_word() -> None:
    found = by_name(
        done("create", MAP, "us-east/a/ConfigMap/b"),
        done("create", MAP, "us-east/a/ConfigMap/c"),
        done("update", MAP, "us-east/a/ConfigMap/d"),
        done("same", MAP, "us-west/a/ConfigMap/d"),
    )
    assert found["us-east"].summary == "2 created, 1 updated"
    assert found["us-west"].summary == "unchanged"


def test_what_is_finished_is_named_whether_it_has_changed_or_not() -> None:
    failed = {"resOpFailedEvent": {"metadata": {"urn": urn(MAP, "us-west/a/ConfigMap/c")}}}
    found = by_name(done("same", MAP, "us-west/a/ConfigMap/b"), failed)
    assert found["us-west"].finished == {"us-west/a/ConfigMap/b"}


def test_a_provider_of_the_clusters_own_is_the_members() -> None:
    found = by_name(done("create", "pulumi:providers:kubernetes", "us-east-cluster-eks-k8s"))
    assert sorted(found) == sorted(MEMBERS)


def test_what_is_done_under_a_former_name_is_the_present_members() -> None:
    events = [done("delete", MAP, "here/a/ConfigMap/b"), done("update", "aws:ec2/vpc:Vpc", "here/vpc")]
    found = {each.member: each for each in engine_events.by_member(events, MEMBERS, {"here": "us-west"})}
    assert found["us-west"].summary == "1 deleted, 1 updated"
    assert sorted(found) == sorted(MEMBERS)


def begun(op: str, token: str, name: str, **more: Any) -> Mapping[str, Any]:
    metadata = {"op": op, "type": token, "urn": urn(token, name)}
    return {"timestamp": 100, "resourcePreEvent": {"metadata": metadata, **more}}


def test_what_has_begun_and_not_ended_is_waited_for() -> None:
    failed = {"resOpFailedEvent": {"metadata": {"urn": urn(MAP, "us-west/a/ConfigMap/b")}}}
    found = by_name(
        *(begun("create", MAP, f"us-west/a/ConfigMap/{letter}") for letter in "abc"),
        begun("same", MAP, "us-west/a/ConfigMap/d"),
        begun("create", MAP, "us-east/a/ConfigMap/a", planning=True),
        begun("create", "eks-federation:index:FederatedWorkload", "us-east/a"),
        done("create", MAP, "us-west/a/ConfigMap/a"),
        failed,
    )
    assert found["us-west"].waiting == {"us-west/a/ConfigMap/c": 100}
    assert not found["us-east"].waiting


def test_a_replacement_counts_once() -> None:
    steps = ("delete-replaced", "replace", "create-replacement")
    found = by_name(*(done(step, MAP, "us-west/a/ConfigMap/b") for step in steps))
    assert found["us-west"].summary == "1 replaced"


def test_a_member_whose_name_begins_with_anothers_keeps_its_own() -> None:
    found = by_name(done("create", "aws:eks/cluster:Cluster", "us-east-two-cluster-eksCluster"))
    assert (found["us-east-two"].summary, found["us-east"].summary) == ("1 created", "unchanged")


def test_objects_of_a_member_that_has_left_are_its_own() -> None:
    assert by_name(done("delete", MAP, "gone/a/ConfigMap/b"))["gone"].summary == "1 deleted"


def test_what_is_no_members_is_the_federations() -> None:
    found = by_name(done("create", "aws:route53/zone:Zone", "dns/zone/example.com"))
    assert found[FEDERATION].summary == "1 created"
    assert FEDERATION not in by_name(done("same", "aws:route53/zone:Zone", "dns/zone/example.com"))


def test_components_and_the_preview_do_not_count() -> None:
    found = by_name(
        done("create", "eks-federation:index:FederatedWorkload", "us-east/x"),
        done("create", MAP, "us-east/a/ConfigMap/b", planning=True),
    )
    assert found["us-east"].summary == "unchanged"


def test_what_failed_is_named_with_the_reason_once() -> None:
    failed = {"resOpFailedEvent": {"metadata": {"urn": urn(MAP, "us-west/a/ConfigMap/b")}}}
    message = told("error", "us-west/a/ConfigMap/b", "image does\nnot exist")
    found = by_name(failed, message, message)["us-west"]
    assert found.failed == ("us-west/a/ConfigMap/b",)
    assert found.messages == ("image does not exist",)


def test_a_member_that_did_not_answer_is_unreachable() -> None:
    found = by_name(told("warning", "us-west/a/ConfigMap/b", "the cluster is unreachable: connection refused"))
    assert found["us-west"].is_unreachable
    assert not found["us-east"].is_unreachable


def test_the_incomplete_last_line_of_a_killed_engine_is_left_out(tmp_path: Path) -> None:
    log = tmp_path / "events.json"
    log.write_text(json.dumps({"sequence": 1}) + "\n" + '{"sequence": 2, "resO')
    assert list(engine_events.events(log)) == [{"sequence": 1}]


def test_a_log_that_was_never_written_has_no_events(tmp_path: Path) -> None:
    assert list(engine_events.events(tmp_path / "events.json")) == []


def test_an_update_has_begun_with_the_first_resource_that_is_not_previewed() -> None:
    preview = [{"resourcePreEvent": {"planning": True}}, {"summaryEvent": {"isPreview": True}}]
    assert not engine_events.has_begun(preview)
    assert engine_events.has_begun([{"resourcePreEvent": {}}])
