"""The program of a stack: what the guard refuses ends it before anything is registered."""

from pathlib import Path

import pulumi
import pytest

from federation.components import last_update
from federation.components.last_update import LastUpdate
from federation.plan import planner
from federation.plan.held_index import IndexEntry
from stacks import guarding, program, settings
from tests.fed.project import write
from tests.plan.building import NAMESPACE, document

GONE = "namespace shop would be deleted in east, with 1 objects in it"
STOOD = (
    IndexEntry(logical_name="east/Namespace/shop", token="kubernetes:core/v1:Namespace"),
    IndexEntry(logical_name="east/shop/ConfigMap/web", token="kubernetes:core/v1:ConfigMap"),
)

URN = "urn:pulumi:dev::shop::eks-federation:index:FederatedWorkload${0.token}::{0.logical_name}"


class BegunError(Exception):
    """The program went on to register something."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose last update registered objects that no document asks for any more."""

    def begin(*_: object) -> None:
        raise BegunError

    monkeypatch.setattr(pulumi, "get_stack", lambda: "dev")
    monkeypatch.setattr(program, "_config", dict)
    monkeypatch.setattr(last_update, "read", lambda: LastUpdate(index={"east": STOOD}))
    monkeypatch.setattr(last_update, "standing", lambda: tuple(URN.format(each) for each in STOOD))
    monkeypatch.setattr(program, "Federation", begin)
    monkeypatch.delenv(guarding.VARIABLE, raising=False)
    return write(tmp_path)


def test_a_plan_that_takes_too_much_away_is_refused_with_nothing_touched(root: Path) -> None:
    with pytest.raises(pulumi.RunError, match=GONE):
        program.run(root)


def test_a_member_that_leads_to_another_cluster_is_refused_and_was_not_before_it_was_known(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, members={"west": {"provider": "eks", "region": "us-east-2"}}, plan={"schemaCheck": False})
    stack = settings.read(root, "dev")
    index = {each.name: each.index or () for each in planner.plan(stack.federation, stack.documents).members}
    monkeypatch.setattr(last_update, "standing", lambda: tuple(URN.format(each) for each in index["west"]))
    for was in ("eks us-east-1 10.0.0.0/16 atlas-dev-west", "https://one"):
        left = LastUpdate(index=index, identities={"west": was})
        monkeypatch.setattr(last_update, "read", lambda left=left: left)
        with pytest.raises(pulumi.RunError, match=f"west leads to another cluster.* deleted in {was} and made anew in"):
            program.run(root)
    monkeypatch.setattr(last_update, "read", lambda: LastUpdate(index=index))
    with pytest.raises(BegunError):
        program.run(root)


def test_with_the_guard_off_it_is_carried_out_and_said(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    monkeypatch.setenv(guarding.VARIABLE, guarding.OFF)
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    with pytest.raises(BegunError):
        program.run(root)
    assert any(GONE in each for each in said)


def test_a_missing_secret_ends_the_program_with_nothing_touched(root: Path) -> None:
    reference = "{template: {stringData: {t: {valueFrom: {config: shopToken}}}}, placement: {clusterSelector: {}}}"
    write(root, NAMESPACE + document("FederatedSecret", "s", reference))
    with pytest.raises(pulumi.RunError, match=r"workloads/web.yaml:\d+: Secret demo/s: it takes a value .*'shopToken'"):
        program.run(root)
