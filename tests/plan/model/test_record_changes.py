"""Record sets are compared with those of the last update, with weights and targets before and after."""

from dataclasses import replace

import pytest

from federation.plan.changes import diff, summary
from federation.plan.model import record_changes
from federation.plan.model.plan import Plan
from federation.plan.model.record_changes import RecordChange
from tests.plan.building import NAMESPACE, TALK, deployment, planned, record, service

WEB = NAMESPACE + deployment() + service() + record()
SHOP = WEB + deployment("shop") + service("shop") + record("shop")


def changes(before: Plan, after: Plan) -> list[RecordChange]:
    left = record_changes.from_output(record_changes.to_text(before.records))
    return [each for each in record_changes.changes(after.records, left) if each.change != "same"]


def summed(before: Plan, after: Plan) -> summary.Summary:
    names = {each.name for each in before.records if each.routing is None}
    registered = {each.name: each.index or () for each in before.members}
    left = record_changes.from_output(record_changes.to_text(before.records))
    found = record_changes.changes(after.records, left)
    return summary.summarise(
        after, summary.PlannedChanges(objects=diff.find_changes(after, registered), records=found, names_before=names)
    )


def test_the_same_plan_changes_nothing() -> None:
    assert changes(planned(TALK), planned(TALK)) == []
    assert summary.line(summed(planned(TALK), planned(TALK))) == "nothing to change: 9 objects, 7 DNS names as they are"


def test_a_weight_is_told_before_and_after() -> None:
    made = planned(TALK.replace("totalReplicas: 15", "totalReplicas: 5"))
    found = {each.logical_name: each for each in changes(planned(TALK), made)}
    weights = {
        each.line.identifier: (each.before.weight, each.after.weight)
        for each in found.values()
        if each.before and each.after and each.line.name == "_weighted.web.demo.atlas.svc.fed.test"
    }
    assert weights == {"ap-northeast-1": (3, 1), "us-east-1": (6, 2), "us-west-2": (6, 2)}
    assert {each.change for each in found.values()} == {"change"}
    assert summary.line(summed(planned(TALK), made)) == (
        "objects: 3 changed; DNS names: 7 changed; record sets: 9 changed"
    )


def test_record_sets_that_go_are_told_by_name() -> None:
    found = changes(planned(SHOP), planned(WEB))
    assert {each.change for each in found} == {"remove"}
    assert "_weighted.shop.demo.atlas.svc.fed.test" in {each.line.name for each in found}
    assert summed(planned(SHOP), planned(WEB)).names == summary.NameCounts(removed=7, same=7)


def test_another_form_of_a_record_set_is_a_change() -> None:
    before = planned(WEB)
    first, *others = before.records
    after = replace(before, records=(replace(first, ttl=60), *others))
    assert [each.logical_name for each in changes(before, after)] == [first.logical_name]


def test_where_nobody_knows_all_is_added() -> None:
    made = planned(WEB)
    assert {each.change for each in record_changes.changes(made.records, None)} == {"add"}


@pytest.mark.parametrize("output", [None, {}, "", "other", "records/1 {", 'records/1 {"a": [1]}', "records/1 []"])
def test_what_another_program_wrote_is_not_known(output: object) -> None:
    assert record_changes.from_output(output) is None
