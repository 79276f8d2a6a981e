"""A comparison of two plans shows every difference, and no reasons or secrets."""

from typing import Any

import pytest
import yaml

from federation.plan.model import serialise
from federation.plan.views import compare
from federation.plan.views.compare import ABSENT, Side
from tests import places
from tests.plan.building import NAMESPACE, TALK, THE_TALK, document, planned

CASES = yaml.safe_load((places.CASES / "comparison" / "fields.yaml").read_text())
SECRET = "{template: {stringData: {password: '%s'}}, placement: {clusterSelector: {}}}"


def side(text: str, **settings: Any) -> Side:
    return compare.of_plan(serialise.to_tree(planned(text, **settings)))


def manifest(body: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, **body}


@pytest.mark.parametrize("case", [pytest.param(case, id=case["case"]) for case in CASES])
def test_fields_that_differ_are_told_by_path(case: dict[str, Any]) -> None:
    before, after = (compare.of_manifests({"east": [manifest(case[key])]}, ()) for key in ("before", "after"))
    found = compare.compare(before, after)
    fields = [(each.path, each.before, each.after) for one in found.objects for each in one.fields]
    expected = [tuple(ABSENT if part == "absent" else part for part in each) for each in case["fields"]]
    assert fields == expected
    assert found.same is (not expected)


def test_a_plan_is_the_same_as_itself_wherever_its_documents_stand() -> None:
    moved = "# a line more\n\n" + TALK
    assert compare.compare(side(TALK), side(moved)) == compare.Comparison(objects=(), records=(), uncompared=())


def test_a_changed_total_changes_replicas_and_weights() -> None:
    found = compare.compare(side(TALK), side(TALK.replace("totalReplicas: 15", "totalReplicas: 20")))
    assert [(each.name, each.replicas) for each in found.objects] == [
        ("us-east/demo/Deployment/web", (6, 8)),
        ("us-west/demo/Deployment/web", (6, 9)),
    ]
    weights = {field.path for each in found.records for field in each.fields}
    assert weights == {"routing.weight"}


def test_objects_come_and_go() -> None:
    more = document("FederatedConfigMap", "new", "{template: {data: {}}, placement: {clusters: [{name: us-east}]}}")
    there = compare.compare(side(TALK), side(TALK + more))
    back = compare.compare(side(TALK + more), side(TALK))
    assert [(each.name, each.change) for each in there.objects] == [("us-east/demo/ConfigMap/new", "added")]
    assert [(each.name, each.change) for each in back.objects] == [("us-east/demo/ConfigMap/new", "removed")]


def test_a_member_that_either_side_holds_is_said_to_be_left_out() -> None:
    found = compare.compare(side(TALK), side(TALK, lost=("us-east",)))
    assert [each.name for each in found.objects] == ["us-west/demo/Deployment/web"]
    assert found.uncompared == ("us-east is quarantined: its objects are not compared",)


def test_no_secret_value_is_told_and_none_makes_a_difference() -> None:
    plain = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
    first, second = (
        compare.of_manifests({"east": [{**plain, "stringData": {"password": value}}]}, ())
        for value in ("PLANTED-1", "PLANTED-2")
    )
    assert compare.compare(first, second).same
    third = compare.of_manifests({"east": [{**plain, "stringData": {"other": "PLANTED-3"}}]}, ())
    tree = compare.to_tree(compare.compare(first, third))
    assert "PLANTED" not in str(tree) + repr(first)
    assert [field["path"] for field in tree["objects"][0]["fields"]] == ["stringData.other", "stringData.password"]


def test_secrets_left_out_of_a_folder_are_no_difference_and_it_is_said() -> None:
    text = NAMESPACE + document("FederatedSecret", "s", SECRET % "PLANTED")
    made = planned(text)
    manifests = {
        member.name: [each.manifest for each in member.objects if each.kind != "Secret"] for member in made.members
    }
    found = compare.compare(compare.of_plan(serialise.to_tree(made)), compare.of_manifests(manifests, ()))
    assert found.same
    assert "Secrets that only one side has are not compared" in found.uncompared[0]


def test_record_sets_that_nobody_wrote_down_are_said_not_to_be_compared() -> None:
    found = compare.compare(side(TALK), compare.of_manifests({}, None))
    assert found.records == ()
    assert any("record sets are not compared" in each for each in found.uncompared)


def test_a_member_that_one_side_calls_by_a_former_name_is_the_same() -> None:
    text = TALK.replace("ap-northeast", "us-west")
    members = {name: dict(each) for name, each in THE_TALK.items()}
    renamed = {**members, "dc1": {**members.pop("us-east"), "formerNames": ["us-east"]}}
    del renamed["us-east"]
    back = {**THE_TALK, "us-east": {**THE_TALK["us-east"], "formerNames": ["us-east-0", "dc1"]}}
    old, new, again = side(text), side(text, members=renamed), side(text, members=back)
    assert {name.partition("/")[0] for name in new.objects} == {"ap-northeast", "dc1", "us-west"}
    for before, after in ((old, new), (new, old), (new, again)):
        found = compare.compare(before, after)
        assert found.objects == ()
    assert compare.compare(old, new).records == ()
    assert compare.compare(new, old).records == ()
