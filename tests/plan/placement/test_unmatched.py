"""A selector without a match is reported with the labels that are near it."""

from collections.abc import Mapping
from typing import Any

import pytest

from federation.api.model.members import OtherStackMember
from federation.plan.model.observed import Observed
from federation.plan.planner import plan
from tests.plan.building import NAMESPACE, deployment, documents, federation

MEMBERS = {
    "tokyo": {"region": "ap-northeast-1", "labels": {"geo": "ap", "tier": "gold"}},
    "ohio": {"region": "us-east-2", "labels": {"geo": "us"}},
}


def remedies(selector: str, members: Mapping[str, Mapping[str, Any]]) -> list[str]:
    text = NAMESPACE + deployment("web", spec=f"placement: {{clusterSelector: {{{selector}}}}}")
    found = plan(federation(members), documents(text), Observed()).warnings
    return [each.remedy for each in found if "web" in each.message]


@pytest.mark.parametrize(
    "selector", ["matchLabels: {geo: eu}", "matchExpressions: [{key: geo, operator: In, values: [eu]}]"]
)
def test_the_labels_of_the_same_key_are_listed_and_no_others(selector: str) -> None:
    (remedy,) = remedies(selector, MEMBERS)
    assert "geo=ap" in remedy
    assert "geo=us" in remedy
    assert "tier" not in remedy


def test_all_labels_are_listed_for_a_key_that_no_member_has() -> None:
    (remedy,) = remedies("matchLabels: {stage: test}", MEMBERS)
    assert "geo=ap" in remedy
    assert "tier=gold" in remedy


def test_members_without_labels_have_none_to_list() -> None:
    (remedy,) = remedies(
        "matchLabels: {stage: test}", {name: {"region": each["region"]} for name, each in MEMBERS.items()}
    )
    assert "none" in remedy


def warnings(selector: str, **settings: Any) -> list[str]:
    text = NAMESPACE + deployment("web", spec=f"placement: {{clusterSelector: {{{selector}}}}}")
    found = plan(federation(MEMBERS, **settings), documents(text), Observed()).warnings
    return [each.message for each in found if "web" in each.message]


PROD = OtherStackMember(name="paris", stack="prod", labels={"geo": "eu"})


def test_a_selector_that_matches_a_member_of_another_stack_is_no_mistake() -> None:
    assert warnings("matchLabels: {geo: eu}", others=(PROD,), siblings=("paris",)) == []
    assert len(warnings("matchLabels: {geo: sa}", others=(PROD,), siblings=("paris",))) == 1


def test_the_message_says_whether_the_members_of_other_stacks_were_compared() -> None:
    (alone,) = warnings("matchLabels: {geo: sa}")
    (compared,) = warnings("matchLabels: {geo: sa}", others=(PROD,), siblings=("paris",))
    (unknown,) = warnings("matchLabels: {geo: sa}", siblings=("paris",))
    assert len({alone, compared, unknown}) == 3
    assert "another" in compared
    assert "another" not in alone
    assert "paris" in unknown
    assert "paris" not in compared


def test_an_override_without_a_match_is_found_after_a_placement_with_one() -> None:
    values = "clusterOverrides: [{path: /spec/paused, value: true}]"
    overrides = f"overrides: [{{clusterSelector: {{matchLabels: {{geo: sa}}}}, {values}}}]"
    text = NAMESPACE + deployment("web", spec=f"placement: {{clusterSelector: {{}}}}, {overrides}")
    found = plan(federation(MEMBERS), documents(text), Observed()).warnings
    assert len([each for each in found if "web" in each.message]) == 1
