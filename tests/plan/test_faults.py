"""Faults that show when documents meet members: file, line, what is allowed, what to do. Cases are data."""

from typing import Any

import pytest
import yaml

from federation.api.model.documents import Documents
from federation.api.reading.dispatch import documents_from
from federation.api.reading.loading import trees_in
from federation.errors.fault import FaultsFoundError
from federation.plan.planner import plan
from tests.places import CASES
from tests.plan import building

FOLDER = CASES / "plan-faults"
EVERYWHERE = "placement: {clusterSelector: {}}"


def dispatched(text: str) -> Documents:
    """The documents of ``text``, for planning to go on with whatever is wrong in them."""
    return documents_from(trees_in(text, "web.yaml"), [], "error", defers_errors=True)


def _cases() -> list[Any]:
    read = [(path.stem, case) for path in sorted(FOLDER.glob("*.yaml")) for case in yaml.safe_load(path.read_text())]
    return [pytest.param(case, id=f"{stem}: {case['case']}") for stem, case in read]


def _text(case: dict[str, Any]) -> str:
    namespace = {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": "FederatedNamespace",
        "metadata": {"name": "demo", "namespace": "demo"},
        "spec": {"placement": case.get("namespace", {"clusterSelector": {}})},
    }
    lines = "".join(f"{key}: {yaml.safe_dump(value, default_flow_style=True)}" for key, value in namespace.items())
    # Five lines and a comment, so that what follows begins at line 7, a line after the divider.
    text = f"# the namespace\n{lines.replace('...', '').replace(chr(10) * 2, chr(10))}---\n{case['after']}---\n"
    if case.get("deployment") or case.get("web"):
        text += building.deployment(replicas=1)
    text += building.ingress("web") if case.get("ingress") else ""
    return text + (building.service() if case.get("web") else "")


@pytest.mark.parametrize("case", _cases())
def test_a_fault_says_where_what_and_what_to_do(case: dict[str, Any]) -> None:
    found = building.faults(_text(case), lost=tuple(case.get("lost", ())), **case.get("settings", {}))
    expected = case["faults"]
    assert [line[: len(start)] for line, start in zip(found, expected, strict=False)] == expected, found
    assert len(found) == len(expected) or case.get("more"), found


def test_all_faults_come_at_once_sorted_by_place() -> None:
    text = building.NAMESPACE + "".join(
        building.deployment(name, spec=f"placement: {{clusters: [{{name: nowhere-{name}}}]}}") for name in "cab"
    )
    with pytest.raises(FaultsFoundError) as caught:
        building.planned(text)
    assert len(caught.value.faults) == 3
    assert list(caught.value.faults) == sorted(caught.value.faults)


SKIPPED = "Later checks are skipped: they could report follow-on errors. Correct these faults and run again."
UNKNOWN = "placement: {clusters: [{name: nowhere}]}"
REMOVES = "[{clusterName: us-east, clusterOverrides: [{op: remove, path: /spec/nothing}]}]"


@pytest.mark.parametrize(
    ("text", "skipped"),
    [
        (building.deployment(), SKIPPED),  # no namespace
        (building.NAMESPACE + building.deployment(spec=UNKNOWN), SKIPPED),
        (building.NAMESPACE + building.deployment("Bad"), SKIPPED),
        (building.NAMESPACE + building.deployment(spec=f"{EVERYWHERE}, overrides: {REMOVES}"), ""),
    ],
    ids=["a namespace that is not federated", "an unknown member", "the form of a document", "an override"],
)
def test_a_closing_line_says_that_later_checks_are_skipped(text: str, skipped: str) -> None:
    with pytest.raises(FaultsFoundError) as caught:
        plan(building.federation(), dispatched(text))
    assert caught.value.skipped_checks == skipped
    assert str(caught.value).splitlines()[1:] == ([skipped] if skipped else [])


def test_a_name_that_is_bad_hides_no_unknown_member() -> None:
    override = "{clusterName: 3, clusterOverrides: []}, {clusterName: mars, clusterOverrides: []}"
    placement = "placement: {clusters: [{name: nowhere}, {nmae: us-east}]}"
    text = building.NAMESPACE + building.deployment("Bad", spec=f"{placement}, overrides: [{override}]")
    with pytest.raises(FaultsFoundError) as caught:
        plan(building.federation(), dispatched(text))
    assert [fault.where for fault in caught.value.faults if "is not a member" in fault.message] == [
        "spec.overrides[1].clusterName",
        "spec.placement.clusters[0].name",
    ]


def test_the_same_fault_in_many_members_is_one_fault_that_names_some() -> None:
    members = {f"m{number}": {"region": "us-east-1"} for number in range(8)}
    spec = (
        "placement: {clusterSelector: {}}, overrides: "
        "[{clusterSelector: {}, clusterOverrides: [{op: remove, path: /spec/nothing}]}]"
    )
    found = building.faults(building.NAMESPACE + building.deployment(spec=spec), members=members)
    assert len(found) == 1
    assert "(in m0, m1, m2, m3, m4 and 3 more)" in found[0]


def test_what_kubefed_ignores_does_not_stop_people_who_migrate() -> None:
    spec = (
        "placement: {clusters: [{name: us-east}, {name: nowhere}]}, overrides: "
        "[{clusterName: us-west, clusterOverrides: [{op: remove, path: /spec/paused}]}]"
    )
    made = building.planned(building.NAMESPACE + building.deployment(spec=spec), plan={"strictness": "warn"})
    assert [len(member.objects) for member in made.members] == [1, 2, 1]
    assert len(made.warnings) == 2
