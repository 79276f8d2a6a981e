"""The members that a document goes to, with the reason for each."""

from typing import Any

import pytest
import yaml

from federation.api.model.federated import FederatedObject, Placement, Requirement, Selector, TargetType
from federation.api.model.members import Member
from federation.plan.placement import placement
from tests import places

CASES = yaml.safe_load((places.CASES / "placement" / "placement.yaml").read_text())
MEMBERS = (
    Member(name="ap-northeast", region="ap-northeast-1", labels={"geo": "ap"}),
    Member(name="us-east", region="us-east-1", labels={"geo": "us", "tier": "gold"}, available=False),
    Member(name="us-west", region="us-west-2", labels={"geo": "us"}),
)
CONFIG_MAP = TargetType(group="", version="v1", kind="ConfigMap", plural="configmaps", namespaced=True)
NAMESPACE = TargetType(group="", version="v1", kind="Namespace", plural="namespaces", namespaced=False)


def _selector(values: dict[str, Any] | None) -> Selector | None:
    if values is None:
        return None
    expressions = tuple(
        Requirement(key=each["key"], operator=each["operator"], values=tuple(each.get("values", ())))
        for each in values.get("matchExpressions", ())
    )
    return Selector(match_labels=values.get("matchLabels", {}), match_expressions=expressions)


def _document(clusters: list[str] | None, selector: dict[str, Any] | None, target: TargetType) -> FederatedObject:
    chosen = Placement(clusters=None if clusters is None else tuple(clusters), cluster_selector=_selector(selector))
    return FederatedObject(target=target, name="demo", namespace="demo", template={}, placement=chosen)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_a_document_selects(case: dict[str, Any]) -> None:
    everywhere: list[str] = [member.name for member in MEMBERS]
    around = placement.select(_document(case.get("namespace", everywhere), None, NAMESPACE), MEMBERS)
    answer = placement.select(_document(case["clusters"], case["selector"], CONFIG_MAP), MEMBERS, namespace=around)
    assert list(answer.members) == case["expect"]
    assert set(answer.reasons) == set(everywhere)
    assert all(answer.reasons.values())


def test_a_document_in_a_namespace_that_is_not_federated_goes_nowhere() -> None:
    answer = placement.select(_document(None, {}, CONFIG_MAP), MEMBERS)
    assert answer.members == ()
    assert answer.reasons["us-east"] == ("namespace demo is not federated",)


def test_a_cluster_scoped_document_needs_no_namespace() -> None:
    assert placement.select(_document(["us-west"], None, NAMESPACE), MEMBERS).members == ("us-west",)


def test_a_member_shut_out_by_the_namespace_has_both_reasons() -> None:
    around = placement.select(_document(["us-west"], None, NAMESPACE), MEMBERS)
    reasons = placement.select(_document(None, {}, CONFIG_MAP), MEMBERS, namespace=around).reasons["us-east"]
    assert reasons == (
        "selected by placement.clusterSelector (<python>)",
        "but namespace demo does not go there: not in placement.clusters (<python>)",
    )


def test_only_selectors_count_where_a_preference_intersects_them() -> None:
    document = _document(["ap-northeast"], {"matchLabels": {"geo": "us"}}, CONFIG_MAP)
    namespace = _document(["ap-northeast"], {"matchLabels": {"tier": "gold"}}, NAMESPACE)
    assert placement.select_by_selector(document, MEMBERS, namespace=namespace).members == ("us-east",)


def test_without_a_namespace_around_it_a_selector_selects_nothing_and_a_cluster_scoped_one_all_that_match() -> None:
    selector = {"matchLabels": {"geo": "us"}}
    inside, outside = _document(None, selector, CONFIG_MAP), _document(None, selector, NAMESPACE)
    assert placement.select_by_selector(inside, MEMBERS, namespace=None).members == ()
    assert placement.select_by_selector(outside, MEMBERS, namespace=None).members == ("us-east", "us-west")
