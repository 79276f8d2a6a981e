"""``fed simulate`` is a gate: it fails when a workload would not survive a loss, and names it."""

import json
from pathlib import Path

import pytest

from federation.operations.engine import outputs
from federation.plan.model.observed import Observed
from tests.fed.project import Fed, write
from tests.plan.building import NAMESPACE, deployment, preference

ONLY_EAST = NAMESPACE + deployment(spec="placement: {clusters: [{name: east}]}")


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fed:
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed())
    return Fed(write(tmp_path, NAMESPACE + deployment() + preference(spec="totalReplicas: 5")), capsys)


def test_what_survives_every_loss_passes(fed: Fed) -> None:
    code, out, err = fed.run("simulate", "--lose", "each")
    assert code == 0
    assert "east (tw)  Deployment demo/web  5     west 5     -" in out
    assert err == ""


def test_a_workload_in_one_member_fails_and_is_named(fed: Fed) -> None:
    write(fed.root, ONLY_EAST)
    code, out, err = fed.run("simulate", "--lose", "each")
    assert code == 1
    assert "NOTHING" in out
    assert "Deployment demo/web would not survive the loss of east" in err
    assert fed.run("simulate", "--lose", "west")[0] == 0
    assert fed.run("simulate", "--lose", "tw")[0] == 1


def test_as_a_tree_it_has_every_loss(fed: Fed) -> None:
    write(fed.root, ONLY_EAST)
    code, out, _ = fed.run("simulate", "--lose", "each", "--output", "json")
    assert code == 1
    assert {each["lost"]: each["dead"] for each in json.loads(out)["losses"]} == {
        "east": ["Deployment demo/web"],
        "west": [],
    }


def test_a_name_that_is_neither_member_nor_region_is_a_wrong_command_line(fed: Fed) -> None:
    code, _, err = fed.run("simulate", "--lose", "eastt")
    assert code == 2
    assert 'did you mean "east"?' in err


def test_of_no_replicas_none_are_left(fed: Fed) -> None:
    write(fed.root, NAMESPACE + deployment() + preference(spec="totalReplicas: 0"))
    code, out, _ = fed.run("simulate", "--lose", "each")
    assert code == 0
    assert "east (tw)  Deployment demo/web  0     -          -" in out


def test_losses_together_are_one_loss_in_any_order(fed: Fed) -> None:
    code, out, err = fed.run("simulate", "--lose", "west", "--lose", "east", "--lose", "west")
    assert code == 1
    assert "east, west  Deployment demo/web  NOTHING" in out
    assert "Deployment demo/web would not survive the loss of east, west" in err
    assert fed.run("simulate", "--lose", "east", "--lose", "west") == (code, out, err)
    trees = json.loads(fed.run("simulate", "--lose", "jp", "--lose", "east", "-o", "json")[1])["losses"]
    assert [(each["lost"], each["members"]) for each in trees] == [("east, jp", ["east", "west"])]


def test_a_name_twice_is_that_loss_once(fed: Fed) -> None:
    assert fed.run("simulate", "--lose", "east", "--lose", "east") == fed.run("simulate", "--lose", "east")
    assert fed.run("simulate", "--lose", "each", "--lose", "each") == fed.run("simulate", "--lose", "each")


@pytest.mark.parametrize(
    ("names", "said"), [(("east", "each"), "excludes other --lose options"), (("east", "wst"), 'did you mean "west"?')]
)
def test_what_cannot_be_lost_together_is_a_wrong_command_line(fed: Fed, names: tuple[str, ...], said: str) -> None:
    code, out, err = fed.run("simulate", *(word for name in names for word in ("--lose", name)))
    assert (code, out) == (2, "")
    assert said in err


def test_of_very_many_rows_those_that_matter_are_shown(fed: Fed) -> None:
    many = "".join(deployment(f"w{number}") for number in range(101))
    write(fed.root, NAMESPACE + many + deployment("lonely", spec="placement: {clusters: [{name: east}]}"))
    code, out, err = fed.run("simulate", "--lose", "each")
    assert code == 1
    assert "demo/lonely" in out
    assert "demo/w7" not in out
    assert "204 rows" in err
