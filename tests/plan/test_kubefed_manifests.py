"""A team's KubeFed manifests are planned unchanged; all their faults are reported at once, with file and line."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from federation.errors.fault import FaultsFoundError
from federation.plan.model.plan import Plan, PlannedObject
from federation.plan.planner import plan
from tests import kubefed_manifests as manifests
from tests.examples import examples


@pytest.fixture(scope="module")
def planned() -> Plan:
    return plan(manifests.federation(), manifests.documents())


def shown(item: PlannedObject) -> str:
    where = f"{item.namespace}/" if item.namespace else ""
    count = "" if item.replicas is None else f" {item.replicas}"
    return f"{item.kind} {where}{item.name}{count}"


def at(tree: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        tree = tree[int(key)] if isinstance(tree, list) else tree.get(key)
    return tree


def test_everything_lands_where_kubefed_puts_it(planned: Plan) -> None:
    assert {member.name: sorted(map(shown, member.objects)) for member in planned.members} == {
        name: sorted(lines) for name, lines in manifests.EXPECTED["lands"].items()
    }


@pytest.mark.parametrize(("member", "item", "pointer", "value"), manifests.EXPECTED["holds"])
def test_overrides_come_to_what_kubefed_makes_of_them(
    planned: Plan, member: str, item: str, pointer: str, value: Any
) -> None:
    found = [each for each in planned.member(member).objects if shown(each).split()[:2] == item.split()]
    assert [at(each.manifest, pointer) for each in found] == [value]


def test_the_dns_names_are_kubefeds(planned: Plan) -> None:
    assert {record.name for record in planned.records} >= set(manifests.EXPECTED["names"])


def test_only_what_kubefed_itself_did_not_carry_out_is_warned_about(planned: Plan) -> None:
    files = {warning.place.file for warning in planned.warnings}
    assert files == {"control-plane.yaml", "placements.yaml", "shop.yaml", "types.yaml"}
    assert not [str(warning) for warning in planned.warnings if "cGxhY2Vob2xkZXI" in str(warning)]


def test_forty_planted_faults_are_forty_messages_in_one_run(tmp_path: Path) -> None:
    assert len(manifests.FAULTS) == 40
    copy = manifests.planted(tmp_path, *manifests.FAULTS)
    assert sorted(manifests.errors(copy)) == sorted(fault["says"] for fault in manifests.FAULTS)


@pytest.mark.parametrize("fault", manifests.FAULTS, ids=lambda fault: f"{fault['file']}:{fault['line']}")
def test_a_fault_that_stands_alone_says_the_same(tmp_path: Path, fault: dict[str, Any]) -> None:
    copy = manifests.planted(tmp_path, fault)
    assert fault["says"] in manifests.errors(copy)


def test_what_may_stand_in_an_unreadable_document_is_not_said_to_be_absent(tmp_path: Path) -> None:
    copy = manifests.planted(tmp_path)
    namespaces = copy / "namespaces.yaml"
    namespaces.write_text(namespaces.read_text().replace("name: shop", "name: [shop", 1))
    placements = copy / "placements.yaml"
    placements.write_text(placements.read_text().replace("{name: ap-northeast}", "{name: nowhere}", 1))
    first, second = manifests.errors(copy)
    assert first.startswith("namespaces.yaml:")
    assert second.startswith('placements.yaml:46: spec.placement.clusters[1].name: "nowhere" is not a member')


def test_whoever_does_not_ask_for_more_gets_the_faults_of_loading_alone(tmp_path: Path) -> None:
    copy = manifests.planted(tmp_path, *manifests.FAULTS)
    with pytest.raises(FaultsFoundError) as caught:
        manifests.documents(copy)
    found = [str(fault) for fault in caught.value.faults if manifests.is_error(fault)]
    assert 20 < len(found) < 40
    assert set(found) < {fault["says"] for fault in manifests.FAULTS}


def mutated(tree: Any, data: st.DataObject) -> Any:
    """``tree`` with one leaf or branch gone, or something else in its place."""
    if isinstance(tree, dict) and tree:
        key = data.draw(st.sampled_from(sorted(tree)))
        if data.draw(st.integers(0, 3)):
            return {**tree, key: mutated(tree[key], data)}
        return {name: value for name, value in tree.items() if name != key}
    if isinstance(tree, list) and tree and data.draw(st.booleans()):
        index = data.draw(st.integers(0, len(tree) - 1))
        return [*tree[:index], mutated(tree[index], data), *tree[index + 1 :]]
    return data.draw(st.sampled_from([None, "", "x", "-1", 7, -1, True, [], {}, [None], {"a": "b"}, ["x"]]))


TREES = [tree for path in sorted(manifests.MANIFESTS.glob("*.yaml")) for tree in yaml.safe_load_all(path.read_text())]


@given(st.data())
@settings(max_examples=examples(60, 15), deadline=None)
def test_whatever_is_wrong_with_them_planning_goes_on_to_the_end(data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.integers(0, len(TREES) - 1), min_size=1, max_size=3, unique=True))
    trees = [mutated(tree, data) if index in chosen else tree for index, tree in enumerate(TREES)]
    with TemporaryDirectory() as folder:
        (Path(folder) / "all.yaml").write_text(yaml.safe_dump_all(trees))
        lines = manifests.errors(Path(folder))
    assume(lines)
    assert [line for line in lines if not line.startswith("all.yaml:")] == []
