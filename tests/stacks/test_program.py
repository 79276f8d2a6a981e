"""The program of a stack: what the guard refuses ends it before anything is registered."""

import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from federation.components import arguments, last_update
from federation.components import federation as component
from federation.components.fields import observe
from federation.components.fields.observe import ObservedMembers
from federation.components.last_update import EngineState, LastUpdate
from federation.operations.engine import guarding
from federation.operations.project import settings
from federation.plan import planner
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import Plan
from stacks import program
from tests.components.mocks import run
from tests.fed.project import write
from tests.plan.building import NAMESPACE, document

GONE = "namespace shop would be deleted in east, with 1 objects in it"
STOOD = (
    IndexEntry(logical_name="east/Namespace/shop", token="kubernetes:core/v1:Namespace"),
    IndexEntry(logical_name="east/shop/ConfigMap/web", token="kubernetes:core/v1:ConfigMap"),
)

KEPT_OBJECTS = component.kept_objects

URN = "urn:pulumi:dev::shop::eks-federation:index:FederatedWorkload${0.token}::{0.logical_name}"


def standing(entries: Iterable[IndexEntry], **identities: str) -> EngineState:
    """A state that holds ``entries``, in members that led to these clusters."""
    return EngineState(urns=tuple(URN.format(each) for each in entries), identities=identities)


class BegunError(Exception):
    """The program went on to register something."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose last update registered objects that no document asks for any more."""

    def begin(*_: object) -> None:
        raise BegunError

    monkeypatch.setattr(pulumi, "get_stack", lambda: "dev")
    monkeypatch.setattr(program, "_config", dict)
    monkeypatch.setattr(last_update, "read_last_update", lambda *_: LastUpdate(index={"east": STOOD}))
    monkeypatch.setattr(last_update, "engine_state", lambda *_, **__: standing(STOOD))
    monkeypatch.setattr(component, "kept_objects", begin)
    monkeypatch.delenv(guarding.VARIABLE, raising=False)
    return write(tmp_path)


def test_a_plan_that_takes_too_much_away_is_refused_with_nothing_touched(root: Path) -> None:
    with pytest.raises(pulumi.RunError, match=GONE):
        program.run(root)


def test_a_member_that_leads_to_another_cluster_is_refused_and_was_not_before_it_was_known(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        root,
        members={"west": {"provider": "eks", "region": "us-east-2", "kubernetesVersion": "1.34"}},
        plan={"schemaCheck": False},
    )
    stack = settings.read_stack(root, "dev")
    index = {each.name: each.index or () for each in planner.plan(stack.federation, stack.documents).members}
    monkeypatch.setattr(last_update, "read_last_update", lambda *_: LastUpdate(index=index))
    for was in ("eks us-east-1 10.0.0.0/16 atlas-dev-west", "https://one"):
        monkeypatch.setattr(last_update, "engine_state", lambda *_, was=was, **__: standing(index["west"], west=was))
        with pytest.raises(
            pulumi.RunError, match=f"west leads to another cluster.* deleted in {was} and created again in"
        ):
            program.run(root)
    monkeypatch.setattr(last_update, "engine_state", lambda *_, **__: standing(index["west"]))
    with pytest.raises(BegunError):
        program.run(root)


def test_the_program_plans_once_even_beside_a_quarantined_member(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quarantined = {"provider": "kubeconfig", "context": "west", "region": "us-east-2", "available": False}
    write(root, members={"west": quarantined}, plan={"schemaCheck": False})
    plans: list[Plan] = []
    real = planner.plan_with_stages

    def count(*given: Any) -> planner.PlanWithStages:
        made = real(*given)
        plans.append(made.plan)
        return made

    monkeypatch.setattr(planner, "plan_with_stages", count)
    with pytest.raises((BegunError, pulumi.RunError)):
        program.run(root)
    assert len(plans) == 1


OLD = "http://127.0.0.1:1"
NOW = {"east": "http://127.0.0.1:2", "south": "http://127.0.0.1:3", "west": "http://127.0.0.1:4"}


@pytest.fixture
def moved(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose members the last update reached elsewhere than their kubeconfig says now; east led there already,
    as a failed update left it, and of south nothing is known."""
    clusters = [{"name": name, "cluster": {"server": address}} for name, address in NOW.items()]
    contexts = [{"name": name, "context": {"cluster": name}} for name in NOW]
    (root / "config").write_text(yaml.safe_dump({"clusters": clusters, "contexts": contexts}))
    here = {"provider": "kubeconfig", "kubeconfig": "config", "region": "tw"}
    members = {name: {**here, "context": name} for name in NOW}
    write(root, members=members, plan={"schemaCheck": False, "unjoin": ["west"]})
    monkeypatch.chdir(root)
    stack = settings.read_stack(root, "dev")
    stood = [each for member in planner.plan(stack.federation, stack.documents).members for each in member.index or ()]
    left = LastUpdate(kubeconfigs=dict.fromkeys(members, "old"))
    monkeypatch.setattr(last_update, "read_last_update", lambda *_: left)
    monkeypatch.setattr(last_update, "engine_state", lambda *_, **__: standing(stood, east=NOW["east"], west=OLD))
    return root


def test_members_are_looked_at_where_they_lead_to_now(moved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[list[str], Collection[str]]] = []

    def look(_: Plan, kubeconfigs: Mapping[str, str], elsewhere: Collection[str]) -> ObservedMembers:
        asked.append(
            ([json.loads(text)["clusters"][0]["cluster"]["server"] for text in kubeconfigs.values()], elsewhere)
        )
        return ObservedMembers(unreachable={})

    monkeypatch.setattr(observe, "observe_members", look)
    with pytest.raises(BegunError):
        program.run(moved)
    assert asked == [([*NOW.values()], {"west"})]


def test_a_new_eks_cluster_has_no_kubeconfig_yet(moved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        moved,
        members={"west": {"provider": "eks", "region": "us-east-1", "kubernetesVersion": "1.34"}},
        plan={"unjoin": ["west"]},
    )
    asked: list[Mapping[str, str]] = []

    def look(_: Plan, kubeconfigs: Mapping[str, str], __: Collection[str]) -> ObservedMembers:
        asked.append(kubeconfigs)
        return ObservedMembers(unreachable={})

    monkeypatch.setattr(observe, "observe_members", look)
    monkeypatch.setenv(guarding.VARIABLE, guarding.OFF)
    for was in (OLD, "eks us-east-1 10.0.0.0/16 atlas-dev-west"):
        monkeypatch.setattr(last_update, "engine_state", lambda *_, was=was, **__: standing((), west=was))
        with pytest.raises(BegunError):
            program.run(moved)
    assert asked == [{}, {"west": "old"}]


@pytest.mark.mocks
def test_where_a_provider_failed_the_state_keeps_what_was_before(moved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(component, "kept_objects", KEPT_OBJECTS)
    monkeypatch.setattr(observe, "observe_members", lambda *_: ObservedMembers(unreachable={}))
    reached = []
    for failing in ([], [f"{name}/kubernetes" for name in ("south", "west")]):
        recorder = run(lambda: program.run(moved), preview=False, failing=failing)
        found = {name: recorder.outputs[f"{name}/membership"].get(last_update.IDENTITY) for name in NOW}
        reached.append({name: each for name, each in found.items() if each})
    assert reached == [NOW, {"east": NOW["east"], "west": OLD}]


def test_with_the_guard_off_it_is_carried_out_with_a_warning(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    messages: list[str] = []
    monkeypatch.setenv(guarding.VARIABLE, guarding.OFF)
    monkeypatch.setattr(pulumi.log, "warn", messages.append)
    monkeypatch.setattr(arguments, "_faults", lambda *_: [])  # its kubeconfigs are nowhere
    with pytest.raises(BegunError):
        program.run(root)
    assert any(GONE in each for each in messages)


def test_a_missing_secret_ends_the_program_with_nothing_touched(root: Path) -> None:
    reference = "{template: {stringData: {t: {valueFrom: {config: shopToken}}}}, placement: {clusterSelector: {}}}"
    write(root, NAMESPACE + document("FederatedSecret", "s", reference))
    with pytest.raises(pulumi.RunError, match=r"workloads/web.yaml:\d+: Secret demo/s: it takes a value .*'shopToken'"):
        program.run(root)
