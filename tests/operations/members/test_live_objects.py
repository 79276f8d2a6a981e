"""A member is asked for one listing a kind, and for a dry run of what seems to differ."""

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest
from lightkube import ApiError, Client

from federation.components.clusters import api_client
from federation.operations.engine import command_line
from federation.operations.engine.outputs import Outputs
from federation.operations.members import live_objects, status
from federation.operations.members.live_objects import LiveObject
from federation.operations.members.status import MemberStatus
from federation.plan.live.managed_fields import text
from federation.plan.model import object_index
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from tests.plan.building import NAMESPACE, deployment, document, federation, planned, preference

OBJECTS = (
    planned(
        NAMESPACE
        + deployment()
        + document("FederatedConfigMap", "web", "{template: {data: {a: x}}, placement: {clusterSelector: {}}}")
    )
    .member("us-east")
    .objects
)


def refusal(code: int) -> ApiError:
    request = httpx2.Request("GET", "https://member.test")
    return ApiError(request, httpx2.Response(code, json={"code": code, "message": "no"}, request=request))


class Member:
    """An API server that holds ``objects``, and answers a dry run with one, or refuses listings or dry runs."""

    def __init__(self, *objects: Mapping[str, Any], lists: int = 200, applied: Any = 403) -> None:
        self._objects, self._lists, self._applied = objects, lists, applied
        self.listed: list[str] = []
        self.got: list[str] = []
        self.tried: list[str] = []

    def list(self, resource: Any, **_: Any) -> Iterator[Mapping[str, Any]]:
        self.listed.append(resource._api_info.resource.kind)
        if self._lists != 200:
            raise refusal(self._lists)
        for each in self._objects:
            if each["kind"] == resource._api_info.resource.kind:
                yield {key: value for key, value in each.items() if key not in ("apiVersion", "kind")}

    def get(self, resource: Any, name: str, **_: Any) -> Mapping[str, Any]:
        kind = resource._api_info.resource.kind
        self.got.append(f"{kind}/{name}")
        for each in self._objects:
            if (each["kind"], each["metadata"]["name"]) == (kind, name):
                return each
        raise refusal(404)

    def patch(self, _: object, name: str, body: Any, **options: Any) -> Any:
        assert options["dry_run"]
        self.tried.append(f"{body['kind']}/{name}")
        if isinstance(self._applied, int):
            raise refusal(self._applied)
        return self._applied

    def read(self) -> dict[str, LiveObject]:
        found = live_objects.read_objects(cast("Client", self), OBJECTS, {}).objects
        return {f"{each.planned.kind}/{each.planned.name}": each for each in found}


def standing(**spec: Any) -> list[dict[str, Any]]:
    """The objects as planned; ``spec`` changes the Deployment's."""
    made = [copy.deepcopy(dict(each.manifest)) for each in OBJECTS]
    for each in made:
        if each["kind"] == "Deployment":
            each["spec"] |= spec
    return made


def differing(found: Mapping[str, LiveObject]) -> dict[str, list[str]]:
    return {name: [text(field.path) for field in each.fields] for name, each in found.items() if each.fields}


def test_a_listing_a_kind_is_enough_where_all_is_as_planned() -> None:
    member = Member(*standing())
    assert differing(member.read()) == {}
    assert sorted(member.listed) == ["ConfigMap", "Deployment", "Namespace"]
    assert (member.got, member.tried) == ([], [])


@pytest.mark.parametrize("code", [403, 404, 405])
def test_what_may_not_be_listed_is_read_one_by_one(code: int) -> None:
    member = Member(*standing(), lists=code)
    assert all(each.live for each in member.read().values())
    assert sorted(member.got) == ["ConfigMap/web", "Deployment/web", "Namespace/demo"]


def test_a_listing_that_fails_otherwise_is_no_empty_member() -> None:
    with pytest.raises(ApiError):
        Member(*standing(), lists=500).read()


def test_what_neither_listing_nor_reading_finds_is_missing() -> None:
    found = Member(*(each for each in standing() if each["kind"] != "ConfigMap")).read()
    assert [name for name, each in found.items() if each.live is None] == ["ConfigMap/web"]


def test_a_dry_run_settles_what_differs() -> None:
    (applied,) = (each for each in standing() if each["kind"] == "Deployment")
    member = Member(*standing(replicas=5), applied=applied)
    assert differing(member.read()) == {"Deployment/web": ["spec.replicas"]}
    assert member.tried == ["Deployment/web"]
    assert differing(Member(*standing(replicas=5), applied={**applied, "spec": {"replicas": 5}}).read()) == {}


def test_where_no_dry_run_is_allowed_values_that_are_certainly_others_count() -> None:
    assert differing(Member(*standing(replicas=5)).read()) == {"Deployment/web": ["spec.replicas"]}


SCALER = document(
    "FederatedHorizontalPodAutoscaler",
    "scaler",
    "{template: {spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 3, "
    "maxReplicas: 12}}, placement: {clusterSelector: {}}}",
)
SCALED = planned(NAMESPACE + deployment() + SCALER + preference(spec="totalReplicas: 9"))
KEPT = planned(NAMESPACE + deployment(spec="retainReplicas: true, placement: {clusterSelector: {}}"))


def gathered(monkeypatch: pytest.MonkeyPatch, plan: Plan, replicas: int) -> MemberStatus:
    """The status of us-east, where the Deployment has as many replicas."""
    made = [copy.deepcopy(dict(each.manifest)) for each in plan.member("us-east").objects]
    for each in made:
        if each["kind"] == "Deployment":
            each["spec"]["replicas"] = replicas
            each["status"] = {"readyReplicas": replicas, "updatedReplicas": replicas}
    monkeypatch.setattr(api_client, "client", lambda *_: Member(*made))
    left = Outputs(members={}, kubeconfigs={"us-east": "{}"})
    found = status.read_status(federation(), plan, left)
    return next(each for each in found.members if each.name == "us-east")


@pytest.mark.parametrize(
    ("plan", "owner", "weighs"), [(SCALED, "HorizontalPodAutoscaler scaler", 3), (KEPT, "the member", 2)]
)
def test_replicas_that_are_not_the_plans_are_no_difference_and_have_an_owner(
    monkeypatch: pytest.MonkeyPatch, plan: Plan, owner: str, weighs: int
) -> None:
    found = {each.kind: each for each in gathered(monkeypatch, plan, 7).objects}["Deployment"]
    assert found.as_planned
    assert (found.planned, found.ready, found.replicas_owner, found.weighs) == (7, 7, owner, weighs)


def test_replicas_that_are_the_plans_have_no_other_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(NAMESPACE + deployment())
    found = {each.kind: each for each in gathered(monkeypatch, plan, 7).objects}["Deployment"]
    assert not found.as_planned
    assert (found.planned, found.ready, found.replicas_owner, found.weighs) == (2, 7, "", None)
    assert gathered(monkeypatch, plan, 7).different == 1


LEFT = IndexEntry(logical_name="us-east/demo/ConfigMap/old", token="kubernetes:core/v1:ConfigMap", digest="0")


def test_what_stands_and_is_not_planned_is_found_by_one_more_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(NAMESPACE + deployment(), Observed(registered={"us-east": (LEFT,)}))
    owner = {"manager": "eks-federation", "operation": "Apply", "fieldsV1": {"f:data": {}}}
    made = [copy.deepcopy(dict(each.manifest)) for each in plan.member("us-east").objects]
    for each in made:
        each["status"] = {"readyReplicas": 2, "updatedReplicas": 2}
    for name in ("old", "crashed"):
        metadata = {"name": name, "namespace": "demo", "labels": {"kubefed.io/managed": "true"}}
        made.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {**metadata, "managedFields": [owner]}})
    member = Member(*made)
    monkeypatch.setattr(api_client, "client", lambda *_: member)
    state = object_index.to_text([LEFT])
    workload = "eks-federation:index:FederatedWorkload"
    urns = (f"urn:pulumi:dev::p::eks-federation:index:Federation${workload}${LEFT.token}::{LEFT.logical_name}",)
    left = Outputs(members={}, kubeconfigs={"us-east": "{}"}, index={"us-east": state}, urns=urns)
    found = next(each for each in status.read_status(federation(), plan, left).members if each.name == "us-east")
    assert [(each.document, each.is_registered) for each in found.unplanned] == [
        ("ConfigMap demo/crashed", False),
        ("ConfigMap demo/old", True),
    ]
    assert all(each.as_planned for each in found.objects)
    assert not found.as_planned
    assert sorted(member.listed) == ["ConfigMap", "Deployment", "Namespace", "Node"]


SEALED = planned(
    NAMESPACE
    + document(
        "FederatedSecret",
        "key",
        "{template: {stringData: {pw: {valueFrom: {config: token}}}}, placement: {clusterSelector: {}}}",
    )
)


def test_values_that_secrets_refer_to_come_out_of_the_stacks_config(monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"p:token": {"value": "x", "secret": True}, "p:other": {"value": "y"}, "p:members": {"objectValue": {}}}
    monkeypatch.setattr(command_line, "query_json", lambda *_: config)
    assert status.config_secrets(Path(), SEALED) == {"token": "x"}


def test_without_references_no_secrets_are_requested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_line, "query_json", lambda *_: pytest.fail("pulumi was asked"))
    assert status.config_secrets(Path(), KEPT) == {}


def test_secrets_that_pulumi_does_not_return_are_reported_as_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise command_line.EngineError("passphrase must be set")

    monkeypatch.setattr(command_line, "query_json", refuse)
    assert status.config_secrets(Path(), SEALED) is None
    found = status.read_status(federation(), SEALED, Outputs(members={}, kubeconfigs={}))
    assert found.uncompared == ("not compared: values of Secrets out of the stack's config (token)",)
