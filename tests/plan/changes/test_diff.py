"""The difference between a plan and the last update: objects that come, change and go, and moving replicas."""

import pytest

from federation.plan.changes import diff
from federation.plan.changes.diff import ObjectChange
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from tests.plan.building import NAMESPACE, TALK, document, planned

WEB = "demo/Deployment/web"


def standing(made: Plan) -> dict[str, tuple[IndexEntry, ...]]:
    return {member.name: member.index or () for member in made.members}


def config_map(name: str, value: str = "1") -> str:
    return document(
        "FederatedConfigMap", name, f'{{template: {{data: {{a: "{value}"}}}}, placement: {{clusterSelector: {{}}}}}}'
    )


def by_name(changes: tuple[ObjectChange, ...], member: str) -> dict[str, str]:
    return {each.document: each.change for each in changes if each.member == member}


def test_what_stands_is_the_same() -> None:
    found = diff.find_changes(planned(TALK), standing(planned(TALK)))
    assert {each.change for each in found.changes} == {"same"}
    assert [(each.before, each.after) for each in found.changes if each.document == WEB] == [(3, 3), (6, 6), (6, 6)]


def test_where_nobody_has_looked_everything_is_new_and_no_number_is_known() -> None:
    found = diff.find_changes(planned(TALK), None)
    assert not found.known
    assert {each.change for each in found.changes} == {"create"}
    assert [(each.before, each.after) for each in found.changes if each.document == WEB] == [
        (None, 3),
        (None, 6),
        (None, 6),
    ]


def test_objects_come_change_and_go() -> None:
    before = NAMESPACE + config_map("same") + config_map("old") + config_map("changed")
    later = NAMESPACE + config_map("same") + config_map("new") + config_map("changed", "2")
    found = diff.find_changes(planned(later), standing(planned(before)))
    assert by_name(found.changes, "us-east") == {
        "Namespace/demo": "same",
        "demo/ConfigMap/changed": "change",
        "demo/ConfigMap/new": "create",
        "demo/ConfigMap/old": "remove",
        "demo/ConfigMap/same": "same",
    }
    assert found.counts()["us-east"] == {"same": 2, "change": 1, "create": 1, "remove": 1}


def test_what_an_update_cannot_change_in_place_is_counted_by_itself() -> None:
    stands = standing(planned(TALK))
    found = diff.find_changes(planned(TALK.replace("app: web", "app: shop")), stands)
    assert by_name(found.changes, "us-east") == {"Namespace/demo": "same", WEB: "replace", "demo/Service/web": "change"}
    assert found.counts()["us-east"] == {"same": 1, "change": 1, "replace": 1}
    assert diff.to_tree(found)["fields"][f"us-west/{WEB}"] == ["spec.selector"]


def test_a_held_member_loses_nothing_and_its_replicas_stand() -> None:
    stands = standing(planned(NAMESPACE + config_map("old") + TALK.removeprefix(NAMESPACE)))
    made = planned(TALK + config_map("new"), Observed(registered=stands), lost=("us-east",))
    found = diff.find_changes(made, stands)
    assert by_name(found.changes, "us-east") == {
        "Namespace/demo": "same",
        "demo/ConfigMap/new": "pending",
        "demo/ConfigMap/old": "kept",
        WEB: "same",
        "demo/Service/web": "same",
    }
    moved = {each.member: (each.before, each.after) for each in found.changes if each.document == WEB}
    assert moved == {"ap-northeast": (3, 3), "us-east": (6, 6), "us-west": (6, 12)}


def test_all_that_stands_in_a_member_that_is_gone_from_the_config_is_removed() -> None:
    gone = IndexEntry(logical_name=f"eu-west/{WEB}", token="kubernetes:apps/v1:Deployment", replicas=4)
    found = diff.find_changes(planned(TALK), {**standing(planned(TALK)), "eu-west": (gone,)})
    (change,) = (each for each in found.changes if each.member == "eu-west")
    assert (change.change, change.before, change.after) == ("remove", 4, None)


@pytest.mark.parametrize(("orphan", "deleted"), [(True, False), (False, True)])
def test_an_orphan_that_nothing_asks_for_is_not_deleted(orphan: bool, deleted: bool) -> None:
    entry = IndexEntry(logical_name=f"us-east/{WEB}", token="kubernetes:apps/v1:Deployment", orphan=orphan)
    (change,) = diff.find_changes(planned(""), {"us-east": (entry,)}).changes
    assert change.deleted is deleted


def test_as_a_tree_it_names_what_changes_and_counts_what_stays() -> None:
    stands = standing(planned(NAMESPACE + config_map("old")))
    tree = diff.to_tree(diff.find_changes(planned(TALK), stands))
    assert tree["members"]["us-east"] == {
        "same": 1,
        "create": ["us-east/demo/Deployment/web", "us-east/demo/Service/web"],
        "remove": ["us-east/demo/ConfigMap/old"],
    }
    assert tree["replicas"][WEB]["us-east"] == {"before": None, "after": 6}
    assert tree["known"] is True
