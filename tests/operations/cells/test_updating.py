"""`fed up` of cells: the order of runs, which cells are left out and why, and what a failure leaves alone."""

from pathlib import Path

import pytest

from federation.operations.cells.cell_stacks import NoCellError
from federation.operations.cells.updating import CellsUpdated
from tests.operations.cells.world import MADE, World
from tests.plan import building
from tests.plan.cells.fleet import documents, federation

CLUSTERS = ["prod.east", "prod.west"]
APPS = ["prod.east.apps", "prod.west.apps"]
ROOT = ["prod"]
UNCHANGED = f"unchanged since {MADE}; drift not looked at"
DNS = building.service() + building.record()
STANDS = documents(web={"east": 4, "west": 2}) + DNS
MOVED = documents(web={"east": 1, "west": 5}) + DNS


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """East and west, before their first update."""
    (tmp_path / "Pulumi.prod.yaml").write_text("config: {}\n")
    world = World(tmp_path, federation("east", "west"), STANDS)
    world.take_the_place(monkeypatch)
    return world


@pytest.fixture
def world(new: World) -> World:
    """East and west after their first update."""
    new.up(create=True)
    return new


def left_out(done: CellsUpdated) -> dict[str, str]:
    return {each.cell.stack: each.skipped for each in done.runs if each.skipped}


def test_clusters_come_first_then_objects_then_the_root(new: World) -> None:
    done = new.up(create=True)
    assert new.phases() == [CLUSTERS, APPS, ROOT]
    assert (done.code, new.replicas()) == (0, {"east": 4, "west": 2})


def test_missing_cells_are_refused_without_create_and_nothing_runs(new: World) -> None:
    with pytest.raises(NoCellError) as caught:
        new.up()
    text = str(caught.value)
    assert text.startswith("these cells of prod do not exist in file:///states: prod, prod.east.apps, prod.east, ")
    assert text.endswith("If they are new: fed up --create --stack prod")
    assert (new.calls, new.trees) == ([], {})


def test_only_the_environment_keeps_a_config_file_when_cells_are_made(new: World) -> None:
    new.up(create=True)
    assert [path.name for path in new.root.iterdir()] == ["Pulumi.prod.yaml"]
    assert new.lines[0] == "made prod, prod.east.apps, prod.east, prod.west.apps, prod.west"


def test_a_preview_makes_no_cell(new: World) -> None:
    with pytest.raises(NoCellError):
        new.up(create=True, preview=True)
    assert new.trees == {}


def test_unchanged_cells_do_not_run(world: World) -> None:
    done = world.up()
    assert world.calls == []
    assert left_out(done) == dict.fromkeys([*CLUSTERS, *APPS, *ROOT], UNCHANGED)
    assert done.code == 0


def test_all_cells_run_once_where_they_are_to_be_verified(world: World) -> None:
    world.up(verify=True)
    assert world.phases() == [CLUSTERS, APPS, ROOT]


def test_only_the_cell_runs_whose_objects_have_changed(world: World) -> None:
    world.text = STANDS.replace("value: 2", "value: 3")
    world.up()
    assert world.phases() == [["prod.west.apps"], ROOT]


def test_a_cell_with_secrets_always_runs(world: World) -> None:
    template = "template: {stringData: {token: hunter2}}, placement: {clusters: [{name: west}]}"
    world.text = STANDS + building.document("FederatedSecret", "token", f"{{{template}}}")
    world.up()
    world.up()
    assert world.phases() == [["prod.west.apps"]]


def test_a_giver_gives_in_a_second_pass_after_the_root(world: World) -> None:
    world.text = MOVED
    done = world.up()
    assert world.phases() == [["prod.west.apps"], ROOT, ["prod.east.apps"]]
    assert world.replicas() == {"east": 1, "west": 5}
    assert [(each.cell.stack, each.skipped) for each in done.runs if each.cell.stack == "prod.east.apps"] == [
        ("prod.east.apps", "waits for other members"),
        ("prod.east.apps", ""),
    ]


def test_a_member_that_gives_and_takes_runs_in_both_passes(world: World) -> None:
    world.text = documents(a={"east": 4, "west": 1}, b={"east": 1, "west": 4})
    world.up()
    world.text = documents(a={"east": 1, "west": 4}, b={"east": 4, "west": 1})
    world.up()
    assert [sorted(world.calls[:2]), sorted(world.calls[2:])] == [APPS, APPS]
    assert (world.replicas("a"), world.replicas("b")) == ({"east": 1, "west": 4}, {"east": 4, "west": 1})


def test_a_giver_waits_while_the_taker_fails_and_gives_once_it_succeeds(world: World) -> None:
    world.text = MOVED
    world.failing = {"prod.west.apps"}
    done = world.up()
    assert (done.code, world.replicas()) == (7, {"east": 4, "west": 2})
    assert left_out(done)["prod.east.apps"] == "waits for other members"
    world.failing = set()
    assert (world.up().code, world.replicas()) == (0, {"east": 1, "west": 5})


def test_a_failed_cluster_leaves_its_objects_out_and_the_others_go_on(world: World) -> None:
    world.failing = {"prod.east"}
    done = world.up(verify=True)
    assert world.phases() == [CLUSTERS, ["prod.west.apps"], ROOT]
    assert left_out(done) == {"prod.east.apps": "not run: its cluster failed"}
    assert done.code == 7
    (failed,) = (each for each in done.runs if each.code)
    assert (failed.summary.startswith("failed"), failed.messages) == (True, ("prod.east failed",))


def test_a_cell_that_cannot_be_run_stops_no_other(world: World) -> None:
    world.locked = {"prod.east.apps"}
    done = world.up(verify=True)
    assert world.phases() == [CLUSTERS, ["prod.west.apps"], ROOT]
    assert [(each.cell.stack, each.code, each.messages) for each in done.runs if each.code] == [
        ("prod.east.apps", 1, ("another run holds stack prod.east.apps",))
    ]


def test_the_root_comes_first_where_a_member_was_just_lost(world: World) -> None:
    world.set_available("east", False)
    world.text = documents(web={"east": 4, "west": 6}) + DNS
    done = world.up()
    assert world.phases() == [ROOT, ["prod.west.apps"]]
    assert left_out(done)["prod.east"] == left_out(done)["prod.east.apps"] == "quarantined: not run"


def test_the_root_comes_last_where_a_member_was_lost_before(world: World) -> None:
    world.set_available("east", False)
    world.up()
    world.text = documents(web={"east": 4, "west": 6}) + DNS
    world.up()
    assert world.phases() == [["prod.west.apps"], ROOT]


def test_a_member_that_is_back_takes_its_replicas_before_others_give_them(world: World) -> None:
    world.set_available("east", False)
    world.text = documents(web={"west": 6}) + DNS
    world.up()
    world.set_available("east", True)
    world.text = STANDS
    world.up()
    assert world.phases() == [["prod.east.apps"], ROOT, ["prod.west.apps"]]
    assert world.replicas() == {"east": 4, "west": 2}


def test_no_one_gives_and_no_name_moves_while_a_member_that_is_back_fails(world: World) -> None:
    world.set_available("east", False)
    world.text = documents(web={"west": 6}) + DNS
    world.up()
    world.set_available("east", True)
    world.text, world.failing = STANDS, {"prod.east.apps"}
    for _ in range(2):
        done = world.up()
        assert world.phases() == [["prod.east.apps"]]
        assert (done.code, world.replicas()["west"]) == (7, 6)
        assert left_out(done)["prod"] == "not run: back from quarantine and failed: east"
    world.failing = set()
    assert (world.up().code, world.replicas()) == (0, {"east": 4, "west": 2})


def test_a_cluster_stays_while_the_objects_of_its_member_cannot_be_removed(world: World) -> None:
    left_by_east(world).failing = {"prod.east.apps"}
    done = world.up()
    assert world.phases() == [["prod.west.apps"], ROOT, ["prod.east.apps"]]
    assert (done.code, left_out(done)["prod.east"]) == (7, "not run: prod.east.apps is not empty")


def test_a_preview_changes_nothing_and_shows_one_pass(world: World) -> None:
    before = dict(world.trees)
    world.text = MOVED
    world.up(preview=True)
    assert (world.calls, world.trees) == ([], before)
    assert world.previews == ["prod.west.apps", "prod"]


def test_objects_are_not_previewed_before_their_cluster_exists(world: World) -> None:
    world.change_tree("prod.east", **{" urns": []})
    done = world.up(preview=True, verify=True)
    assert left_out(done) == {"prod.east.apps": "not previewed: its cluster does not exist yet"}


def test_only_chosen_members_are_updated(world: World) -> None:
    world.text = STANDS.replace("nginx:1", "nginx:2")
    world.up(members=("west",))
    assert world.phases() == [["prod.west.apps"]]


def left_by_east(world: World) -> World:
    world.without("east")
    world.text = documents(web={"west": 6}) + DNS
    return world


def test_the_cells_of_a_member_that_has_left_are_emptied_last_and_then_hold_nothing(world: World) -> None:
    left_by_east(world).up()
    assert world.phases() == [["prod.west.apps"], ROOT, ["prod.east.apps"], ["prod.east"]]
    assert world.lines[-2:] == [
        "prod.east.apps is empty: its member has left; `pulumi stack rm prod.east.apps` forgets it",
        "prod.east is empty: its member has left; `pulumi stack rm prod.east` forgets it",
    ]


def test_an_empty_cell_of_a_member_that_has_left_does_not_run_again(world: World) -> None:
    left_by_east(world).up()
    world.up()
    assert world.calls == []


def test_the_cells_of_a_member_that_has_left_wait_for_members_that_take_over(world: World) -> None:
    left_by_east(world).failing = {"prod.west.apps"}
    done = world.up()
    assert world.phases() == [["prod.west.apps"], ROOT]
    assert world.replicas()["east"] == 4
    assert done.code == 7
    assert "demo/Deployment/web waits for west" in left_out(done)["prod.east.apps"]


def test_a_preview_says_which_cells_of_a_member_that_has_left_wait(world: World) -> None:
    done = left_by_east(world).up(preview=True)
    assert (world.calls, world.previews) == ([], ["prod.west.apps", "prod"])
    assert "demo/Deployment/web waits for west" in left_out(done)["prod.east.apps"]


def test_an_update_of_chosen_members_empties_no_cell_of_another(world: World) -> None:
    left_by_east(world).up(members=("west",))
    assert world.phases() == [["prod.west.apps"]]
