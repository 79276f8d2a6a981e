"""Preferences divide Deployments, Jobs and their autoscalers. Cases are data."""

import json
from typing import Any

import pytest
import yaml

from federation.errors.fault import FaultsFoundError
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan, PlannedObject, Workload
from federation.plan.views import explain
from tests import places
from tests.plan import building
from tests.plan.building import deployment, document, planned, preference

CASES = places.CASES / "scheduling"
PODS = {
    "metadata": {"labels": {"app": "web"}},
    "spec": {"restartPolicy": "Never", "containers": [{"name": "web", "image": "web:1"}]},
}
EVERYWHERE: dict[str, Any] = {"clusterSelector": {}}


def _cases(question: str) -> list[Any]:
    read = yaml.safe_load((CASES / f"{question}.yaml").read_text())
    return [pytest.param(case, id=case["name"]) for case in read]


def _planned(case: dict[str, Any], kind: str, text: str) -> Plan:
    namespace = document("FederatedNamespace", "demo", json.dumps({"placement": case.get("namespace", EVERYWHERE)}))
    spec = {
        "totalReplicas": case["total"],
        "clusters": case["clusters"],
        "rebalance": case.get("rebalance", False),
        "intersectWithClusterSelector": case.get("intersect", False),
        "strategy": case.get("strategy", "kubefed"),
    }
    divided = preference(spec=json.dumps(spec)[1:-1], kind=f"Federated{kind}")
    seen = Observed(current={"demo/web": case.get("current", {})}, capacity={"demo/web": case.get("capacity", {})})
    made = planned(namespace + text + divided, seen, lost=tuple(case.get("lost", ())))
    said, expected = [str(warning) for warning in made.warnings], case.get("warnings", [])
    assert len(said) == len(expected), said
    assert all(start in line for start, line in zip(expected, said, strict=True)), said
    return made


def _workload(case: dict[str, Any], kind: str, spec: dict[str, Any]) -> str:
    body: dict[str, Any] = {"template": {"spec": spec}, "placement": case.get("placement", EVERYWHERE)}
    if kind == "Job":
        body["overrides"] = case.get("overrides", [])
    return document(f"Federated{kind}", "web", json.dumps(body))


def _scaler(low: int | None, high: int, **more: Any) -> str:
    numbers = {"maxReplicas": high, **({} if low is None else {"minReplicas": low})}
    target = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}
    body = {"template": {"spec": {**numbers, **target}}, "placement": EVERYWHERE, **more}
    return document("FederatedHorizontalPodAutoscaler", "web", json.dumps(body))


def _objects(made: Plan, kind: str) -> dict[str, PlannedObject]:
    return {each.member: each for member in made.members for each in member.objects if each.kind == kind}


def _of(made: Plan, kind: str) -> Workload:
    return next(each for each in made.workloads if each.kind == kind)


@pytest.mark.parametrize("case", _cases("replicas"))
def test_replicas_are_divided_as_expected(case: dict[str, Any]) -> None:
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": PODS}
    made = _planned(case, case["kind"], _workload(case, case["kind"], spec))
    objects = _objects(made, case["kind"])
    assert {name: each.manifest["spec"]["replicas"] for name, each in objects.items()} == case["expect"]
    distribution = _of(made, case["kind"]).distribution
    assert distribution is not None
    assert distribution.unplaced == case.get("unplaced", 0)


@pytest.mark.parametrize("case", _cases("jobs"))
def test_a_job_is_divided_as_expected(case: dict[str, Any]) -> None:
    made = _planned(case, "Job", _workload(case, "Job", {"backoffLimit": 3, **case["job"], "template": PODS}))
    specs = {name: each.manifest["spec"] for name, each in _objects(made, "Job").items()}
    assert {name: [spec["parallelism"], spec.get("completions")] for name, spec in specs.items()} == case["expect"]
    assert all(spec["backoffLimit"] == 3 for spec in specs.values())
    workload = _of(made, "Job")
    assert workload.distribution is not None
    assert workload.members == tuple(sorted(case["expect"]))
    assert workload.distribution.unplaced == case.get("unplaced", 0)
    assert workload.replicas == case.get("replicas", workload.replicas)
    reasons = {name: each.reasons for name, each in _objects(made, "Job").items()}
    for name, lines in case.get("reasons", {}).items():
        assert [reasons[name].count(line) for line in lines] == [1] * len(lines), reasons[name]
    if "completions" in case["job"] and specs and "overrides" not in case:
        assert sum(spec["completions"] for spec in specs.values()) == case["job"]["completions"]


@pytest.mark.parametrize("case", _cases("autoscalers"))
def test_an_autoscaler_is_divided_as_expected(case: dict[str, Any]) -> None:
    more = {key: case[key] for key in ("placement", "overrides") if key in case}
    made = _planned(case, "Deployment", deployment() + _scaler(*case["autoscaler"], **more))
    scalers = _objects(made, "HorizontalPodAutoscaler")
    specs = {name: each.manifest["spec"] for name, each in scalers.items()}
    assert {name: [spec.get("minReplicas"), spec["maxReplicas"]] for name, spec in specs.items()} == case["expect"]
    workloads = _objects(made, "Deployment")
    expected = {**case["replicas"], **case.get("starts", {})}
    assert {name: each.replicas for name, each in workloads.items()} == expected
    for name, each in workloads.items():
        assert each.ignore_changes == (("spec.replicas",) if name in specs else ())
    assert not set(case.get("without", ())) & set(specs)
    reasons = [line for each in scalers.values() for line in each.reasons]
    assert any(case.get("reason", "maxReplicas ") in line for line in reasons)


def test_a_job_says_why_it_has_what_it_has_and_that_it_cannot_be_changed() -> None:
    case = {"total": 6, "clusters": {"us-east": {"weight": 2}, "us-west": {"weight": 1, "minReplicas": 1}}}
    made = _planned(case, "Job", _workload(case, "Job", {"completions": 20, "template": PODS}))
    assert _objects(made, "Job")["us-west"].reasons[1:] == (
        'preference "us-west" (web.yaml:14): weight 1, min 1',
        "minimum 1 of 6 -> 1",
        "round 1: weight 1 of 3 -> ceil(5*1/3) = 2, 1 left -> 2",
        "completions 20 divided by weight, at least 1 each -> 7",
        "minimum 1 of 20 -> 1",
        "round 1: weight 1 of 3 -> ceil(18*1/3) = 6 -> 7",
        "parallelism, completions, selector and pod template of a Job are fixed: a change replaces the Job",
    )
    distribution = _of(made, "Job").distribution
    assert distribution is not None
    assert distribution.reasons["ap-northeast"][-1] == "0 pods: no Job here"
    assert _of(made, "Job").replicas == {"ap-northeast": 0, "us-east": 4, "us-west": 2}


def test_an_override_that_the_preference_takes_the_place_of_is_told() -> None:
    override = "overrides: [{clusterName: us-east, clusterOverrides: [{path: /spec/replicas, value: 4}]}]"
    text = deployment(spec=f"placement: {{clusterSelector: {{}}}}, {override}")
    made = planned(building.NAMESPACE + text + preference(spec='totalReplicas: 9, clusters: {"*": {weight: 1}}'))
    said = "the preference's 3 takes the place of the override of /spec/replicas (web.yaml:10)"
    objects = _objects(made, "Deployment")
    assert [name for name, each in objects.items() if said in each.reasons] == ["us-east"]
    (told,) = explain.explain(made, _of(made, "Deployment"), "us-east").members
    assert told.division[-1] == said
    assert told.notes == ()


def _overridden(*entries: tuple[str, str]) -> str:
    """The talk, its Deployment with overrides: a selector's labels, and operations on one line each."""
    shown = [
        f"{{clusterSelector: {{matchLabels: {labels}}}, clusterOverrides: [\n  {operations}]}}"
        for labels, operations in entries
    ]
    spec = f"placement: {{clusterSelector: {{}}}}, overrides: [{', '.join(shown)}]"
    return (
        building.NAMESPACE + deployment(spec=spec) + building.service() + building.TALK_PREFERENCE + building.record()
    )


def _whole(count: str) -> str:
    return f"{{path: /spec, value: {{{count}template: {{metadata: {{labels: {{app: web}}}}}}}}}}"


def test_a_whole_spec_after_the_number_of_the_preference_undoes_it_and_what_counts_is_what_is_there() -> None:
    first = ("{}", "{path: /spec/replicas, value: 4}")
    made = planned(_overridden(first, ("{geo: us}", _whole("replicas: 2, "))))
    assert [str(warning) for warning in made.warnings] == [
        "warning: web.yaml:12: spec.overrides[1].clusterOverrides[0].path: this override of /spec undoes "
        "what ReplicaSchedulingPreference demo/web (web.yaml:22) sets at /spec/replicas: Deployment demo/web gets 4 in "
        "place of 12 (in us-east, us-west); put it before the override of /spec/replicas, or drop that one: the "
        "preference then comes after it"
    ]
    shares = {"ap-northeast": 3, "us-east": 2, "us-west": 2}
    workload = _of(made, "Deployment")
    assert workload.replicas == shares
    assert workload.distribution is not None
    assert (workload.distribution.replicas, workload.distribution.unplaced) == (shares, 8)
    weights = {each.routing.identifier: each.weighs for each in made.records if each.routing and each.level == "global"}
    assert weights == {"ap-northeast-1": 3, "us-east-1": 2, "us-west-2": 2}
    assert _objects(made, "Deployment")["us-east"].reasons[-2:] == (
        "the preference's 6 takes the place of the override of /spec/replicas (web.yaml:11)",
        "the override of /spec (web.yaml:12) comes after that and undoes it -> 2",
    )


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        (_whole("replicas: 4, "), None),
        (_whole("replicas: 4, ") + ", {path: /spec/replicas, value: 4}", None),
        ("{path: /spec/replicas, value: 4}, {path: /spec/paused, op: add, value: true}", None),
        ("{path: /spec/replicas, value: 4}, " + _whole(""), 1),
        ("{path: /spec/replicas, value: 4}, " + _whole("replicas: 9, "), 9),
        ("{path: /spec/replicas, op: remove}, " + _whole("replicas: 0, "), 0),
    ],
)
def test_only_what_comes_after_the_number_of_the_preference_undoes_it(operations: str, expected: int | None) -> None:
    made = planned(_overridden(("{geo: ap}", operations)))
    assert len(made.warnings) == (expected is not None)
    assert _of(made, "Deployment").replicas["ap-northeast"] == (3 if expected is None else expected)
    distribution = _of(made, "Deployment").distribution
    assert distribution is not None
    assert distribution.replicas == _of(made, "Deployment").replicas
    assert distribution.unplaced == max(0, 15 - sum(distribution.replicas.values()))


def _registered(made: Plan) -> Observed:
    return Observed(registered={member.name: member.index or () for member in made.members})


def test_an_autoscaler_says_how_both_numbers_came_about() -> None:
    case = {"total": 6, "clusters": {"*": {"weight": 1}}}
    made = _planned(case, "Deployment", deployment() + _scaler(4, 10))
    assert _objects(made, "HorizontalPodAutoscaler")["us-east"].reasons[1:] == (
        'preference "*" (web.yaml:19): weight 1, min 0',
        "round 1: weight 1 of 3 -> ceil(10*1/3) = 4 -> 4",
        "maxReplicas 10 divided by ReplicaSchedulingPreference demo/web (web.yaml:19) -> 4",
        "minimum 1 of 4 -> 1",
        "round 1: weight 1 of 3 -> ceil(1*1/3) = 1, 0 left -> 1",
        "minReplicas 4 divided likewise, from 1 to 4 -> 1",
    )
    assert "has the replicas from here on" in _objects(made, "Deployment")["us-east"].reasons[-1]
    assert _of(made, "HorizontalPodAutoscaler").replicas == {}


def test_a_workload_that_had_0_replicas_is_given_some_before_its_autoscaler_has_them() -> None:
    """An autoscaler leaves a workload alone that has 0, and a retained 0 would stay for ever."""
    case = {"total": 6, "clusters": {"*": {"weight": 1}}}
    divided = preference(spec=json.dumps({"totalReplicas": 6, "clusters": case["clusters"]})[1:-1])
    text = building.NAMESPACE + deployment() + _scaler(3, 12) + divided
    entries = {
        name: (
            IndexEntry(logical_name=f"{name}/demo/Deployment/web", token="kubernetes:apps/v1:Deployment", replicas=n),
        )
        for name, n in (("us-east", 0), ("us-west", 2))
    }
    objects = _objects(planned(text, Observed(registered=entries)), "Deployment")
    assert objects["us-east"].ignore_changes == ()
    assert objects["us-west"].ignore_changes == ("spec.replicas",)


def test_names_are_weighed_by_the_replicas_of_the_preference_under_an_autoscaler() -> None:
    made = planned(building.TALK + _scaler(5, 25))
    weights = {each.routing.identifier: each.weighs for each in made.records if each.routing and each.level == "global"}
    assert weights == {"ap-northeast-1": 3, "us-east-1": 6, "us-west-2": 6}


def test_an_autoscaler_of_a_workload_that_is_not_divided_stays_as_it_is() -> None:
    made = planned(building.NAMESPACE + deployment() + _scaler(4, 10))
    assert {each.manifest["spec"]["maxReplicas"] for each in _objects(made, "HorizontalPodAutoscaler").values()} == {10}
    assert {each.ignore_changes for each in _objects(made, "Deployment").values()} == {("spec.replicas",)}
    assert made.warnings == ()


def test_two_overrides_that_contradict_each_other_are_a_fault() -> None:
    case = {"total": 6, "clusters": {"*": {"weight": 1}}}
    numbers = [{"path": "/spec/minReplicas", "value": 8}, {"path": "/spec/maxReplicas", "value": 5}]
    scaler = _scaler(3, 12, overrides=[{"clusterName": "us-east", "clusterOverrides": numbers}])
    with pytest.raises(FaultsFoundError, match="minReplicas 8, which is more than maxReplicas 5"):
        _planned(case, "Deployment", deployment() + scaler)


def test_a_template_that_contradicts_itself_is_a_fault() -> None:
    case = {"total": 6, "clusters": {"*": {"weight": 1}}}
    with pytest.raises(FaultsFoundError, match="minReplicas 9 is more than maxReplicas 4"):
        _planned(case, "Deployment", deployment() + _scaler(9, 4))
