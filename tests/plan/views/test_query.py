"""A query finds the object that the user means."""

from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from federation.plan.model.plan import Plan
from federation.plan.views import query
from tests import places
from tests.plan.building import NAMESPACE, deployment, document, planned, service

CASES = yaml.safe_load((places.CASES / "asked" / "asked.yaml").read_text())
MAP = "{template: {data: {a: b}}, placement: {clusterSelector: {}}}"


@cache
def plan() -> Plan:
    maps = document("FederatedConfigMap", "web", MAP) + document("FederatedConfigMap", "settings", MAP)
    other = NAMESPACE.replace("demo", "other") + document("FederatedConfigMap", "settings", MAP, namespace="other")
    return planned(NAMESPACE + deployment() + service() + maps + other)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{case['text']} {case.get('namespace')}") for case in CASES if "meant" in case]
)
def test_what_is_typed_means(case: dict[str, Any]) -> None:
    found = query.find_workload(plan(), query.parse_query(case["text"], case.get("namespace", "")))
    assert "/".join(part for part in (found.namespace, found.kind, found.name) if part) == case["meant"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["text"]) for case in CASES if "fails" in case])
def test_what_is_typed_means_nothing_and_is_told_so(case: dict[str, Any]) -> None:
    with pytest.raises(query.NotFoundError) as caught:
        query.find_workload(plan(), query.parse_query(case["text"], case.get("namespace", "")))
    assert case["fails"] in str(caught.value)
    assert caught.value.exit_code == 2


@given(st.text(), st.text())
def test_nothing_that_can_be_typed_is_a_traceback(text: str, namespace: str) -> None:
    message = ""
    try:
        found = query.find_workload(plan(), query.parse_query(text, namespace))
    except query.NotFoundError as error:
        message = str(error)
    assert message or found in plan().workloads


def test_every_object_is_found_by_its_whole_name() -> None:
    assert len(plan().workloads) == 7
    for each in plan().workloads:
        whole = "/".join(part for part in (each.namespace, each.kind, each.name) if part)
        assert query.find_workload(plan(), query.parse_query(whole)) is each
