"""The identity of a member's cluster for the next update, and how orphans are reached once the member has moved."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from federation import Federation, FederationArgs
from federation.api.model.members import Member
from federation.api.reading import loading
from federation.components import last_update
from federation.components.last_update import EngineState, LastUpdate
from federation.plan import planner
from federation.plan.model.observed import Observed
from tests.components.mocks import Recorder, federation, run

pytestmark = pytest.mark.mocks

ONE, TWO = "https://one", "https://two"
EKS_BEFORE, EKS_NOW = "eks us-east-2 10.0.0.0/16 atlas-dev-us-east", "eks us-east-1 10.0.0.0/16 atlas-dev-us-east"


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Identities by member, as the state has them; the last update reached its members by kubeconfigs of its own."""
    known: dict[str, str] = {}
    monkeypatch.setattr(last_update, "engine_state", lambda *_, **__: EngineState(identities=known))
    monkeypatch.setattr(
        last_update, "read_last_update", lambda *_: LastUpdate(kubeconfigs={"us-east": "old", "gone": "gone"})
    )
    return known


def found(folder: Path, **more: Any) -> Member:
    """A member that a kubeconfig leads to, at the second address."""
    cluster = {"name": "c", "cluster": {"server": TWO}}
    context = {"name": "here", "context": {"cluster": "c"}}
    (folder / "config").write_text(yaml.safe_dump({"clusters": [cluster], "contexts": [context]}))
    given = {"provider": "kubeconfig", "region": "tw", "context": "here", "kubeconfig": str(folder / "config")}
    return Member.model_validate({"name": "us-east", **given, **more})


def made(*members: Member) -> Federation:
    """A federation without documents, inside of a program."""
    settings = federation(*members)
    plan = planner.plan(settings, loading.from_values([]), Observed(registered={}))
    return Federation("atlas", FederationArgs(settings=settings, plan=plan))


def next_identity(member: Member, *failing: str, preview: bool = False) -> Any:
    """The identity that the membership of ``member`` leaves in the state."""
    recorder: Recorder = run(lambda: made(member).memberships["us-east"].identity, preview=preview, failing=failing)
    return recorder.outputs["us-east/membership"]["identity"]


@pytest.mark.parametrize("before", ["", ONE, TWO])
def test_the_identity_is_written_after_the_provider_exists(tmp_path: Path, state: dict[str, str], before: str) -> None:
    state["us-east"] = before
    member = found(tmp_path)
    assert next_identity(member) == next_identity(member, preview=True) == TWO
    assert next_identity(member, "us-east/kubernetes") == before


def test_the_identity_of_an_eks_member_comes_from_its_config(state: dict[str, str]) -> None:
    member = Member(name="us-east", region="us-east-1", zones=("us-east-1a", "us-east-1b"))
    state["us-east"] = EKS_BEFORE
    assert next_identity(member) == EKS_NOW
    assert next_identity(member, "us-east/kubernetes") == EKS_BEFORE


def test_a_quarantined_member_keeps_its_identity(tmp_path: Path, state: dict[str, str]) -> None:
    quarantined = found(tmp_path, available=False)
    assert next_identity(quarantined) == TWO
    state["us-east"] = ONE
    assert next_identity(quarantined) == ONE


@pytest.mark.parametrize(("before", "reached"), [("", TWO), (TWO, TWO), (ONE, "old")])
def test_orphans_are_reached_where_they_stand(
    tmp_path: Path, state: dict[str, str], before: str, reached: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state["us-east"] = before
    kubeconfigs: list[str] = []

    def make() -> pulumi.Output[None]:
        whole = made(found(tmp_path))
        # What the engine would tell by the time that an orphan goes.
        monkeypatch.setattr(last_update, "read_last_update", lambda *_: LastUpdate())

        async def ask() -> None:
            kubeconfigs.extend([await whole._kubeconfig("us-east"), await whole._kubeconfig("gone")])

        return pulumi.Output.from_input(ask())

    run(make, preview=False)
    first, gone = kubeconfigs
    assert (json.loads(first)["clusters"][0]["cluster"]["server"] if reached == TWO else first) == reached
    assert gone == "gone"
