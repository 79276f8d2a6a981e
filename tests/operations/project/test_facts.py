"""Observed facts of members are kept in a file, and a plan uses them while the file exists."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors.fault import FaultsFoundError
from federation.operations.project import facts
from federation.operations.project.facts import Facts, SeenWorkload
from federation.plan.model.observed import Observed
from federation.plan.replicas.observed_replicas import ObservedReplicas
from tests.plan.building import TALK, planned

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
SEEN = Facts(
    stack="dev",
    observed_at=NOON,
    nodes={"us-west": 3, "us-east": 2},
    workloads={
        "demo/web": SeenWorkload(
            kind="Deployment",
            members={"us-west": ObservedReplicas(current=6), "us-east": ObservedReplicas(current=4, capacity=5)},
        )
    },
    silent={"ap-northeast": "does not answer: refused"},
    file="facts/dev.yaml",
)
TEXT = """\
apiVersion: facts.eks-federation/v1
stack: dev
observedAt: '2030-01-01T12:00:00Z'
nodes:
  us-east: 2
  us-west: 3
workloads:
  demo/web:
    kind: Deployment
    members:
      us-east:
        current: 4
        capacity: 5
      us-west:
        current: 6
silent:
  ap-northeast: 'does not answer: refused'
"""
COUNTS = st.integers(0, 10**6)
NAMES = st.sampled_from(["a", "b", "1e3", "y"])
SIGHTINGS = st.builds(ObservedReplicas, current=COUNTS, capacity=st.none() | COUNTS)


def put(root: Path, text: str) -> None:
    (root / "facts").mkdir(exist_ok=True)
    (root / "facts" / "dev.yaml").write_text(text)


def faults(root: Path, text: str) -> list[str]:
    put(root, text)
    with pytest.raises(FaultsFoundError) as caught:
        facts.read(root, "dev")
    return [str(fault) for fault in caught.value.faults]


def test_the_file_is_sorted_and_read_back_as_it_was(tmp_path: Path) -> None:
    facts.write(SEEN, tmp_path / "facts" / "dev.yaml")
    assert (tmp_path / "facts" / "dev.yaml").read_text() == TEXT
    assert facts.read(tmp_path, "dev") == SEEN
    assert [path.name for path in (tmp_path / "facts").iterdir()] == ["dev.yaml"]


@given(st.dictionaries(NAMES, COUNTS), st.dictionaries(NAMES, st.dictionaries(NAMES, SIGHTINGS)))
def test_whatever_was_seen_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, nodes: dict[str, int], seen: dict[str, dict[str, ObservedReplicas]]
) -> None:
    root = tmp_path_factory.mktemp("project")
    workloads = {key: SeenWorkload(kind="Deployment", members=members) for key, members in seen.items()}
    made = Facts(stack="dev", observed_at=NOON, nodes=nodes, workloads=workloads, file="facts/dev.yaml")
    facts.write(made, root / "facts" / "dev.yaml")
    assert facts.read(root, "dev") == made


def test_without_a_file_nothing_is_known_and_nothing_is_said(tmp_path: Path) -> None:
    assert facts.read(tmp_path, "dev") is None
    before = Observed(nodes={"x": 1})
    assert facts.applied(before, None) is before
    assert facts.told(None, NOON, QUARTER) == ("", False)


def test_a_plan_goes_by_what_was_seen() -> None:
    observed = facts.applied(Observed(registered={}), SEEN)
    assert observed.current == {"demo/web": {"us-west": 6, "us-east": 4}}
    assert observed.capacity == {"demo/web": {"us-east": 5}}
    assert (observed.nodes, observed.registered) == (SEEN.nodes, {})
    (web,) = [each for each in planned(TALK, observed).workloads if each.kind == "Deployment"]
    assert web.replicas == {"ap-northeast": 3, "us-east": 5, "us-west": 7}


def test_all_that_is_wrong_with_a_file_is_said_with_its_line(tmp_path: Path) -> None:
    wrong = (
        TEXT.replace("/v1", "/v2")
        .replace("dev", "prod")
        .replace("12:00:00Z", "12:00:00")
        .replace("us-east: 2", "us-east: -2")
    )
    found = faults(tmp_path, wrong.replace("current: 6", "current: many").replace("kind:", "kinds:"))
    assert [line.split(": ")[:2] for line in found] == [
        ["facts/dev.yaml:1", "apiVersion"],
        ["facts/dev.yaml:2", "stack"],
        ["facts/dev.yaml:3", "observedAt"],
        ["facts/dev.yaml:5", "nodes.us-east"],
        ["facts/dev.yaml:8", "workloads.demo/web.kind"],
        ["facts/dev.yaml:9", "workloads.demo/web.kinds"],
        ["facts/dev.yaml:15", "workloads.demo/web.members.us-west.current"],
    ]


def test_checks_wait_for_facts_that_cannot_be_read(tmp_path: Path) -> None:
    for text in ("a: [", "stack: 3"):
        put(tmp_path, text)
        with pytest.raises(FaultsFoundError) as caught:
            facts.read(tmp_path, "dev")
        assert caught.value.waiting


@pytest.mark.parametrize("text", ["a: [", "- 1"])
def test_a_file_that_is_broken_is_made_again_and_not_mended(tmp_path: Path, text: str) -> None:
    assert [line.partition("; ")[2] for line in faults(tmp_path, text)] == [
        "run `fed observe --stack dev` again, or remove the file to plan from the documents alone"
    ]


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "x", "{}", "apiVersion: 1", "stack: []", "workloads: 3", "\x00"])
def test_no_file_is_a_traceback(tmp_path: Path, text: str) -> None:
    lines = faults(tmp_path, text)
    assert lines
    assert [line for line in lines if not line.startswith("facts/dev.yaml")] == []


@pytest.mark.parametrize(
    ("age", "said", "stale"),
    [
        (timedelta(seconds=40), "40 s old", False),
        (timedelta(minutes=4, seconds=59), "4 min old", False),
        (QUARTER, "15 min old", False),
        (QUARTER + timedelta(seconds=1), "15 min old, more than 15 min: run `fed observe --stack dev` again", True),
        (timedelta(hours=3), "3 h old, more than 15 min", True),
        (timedelta(days=9), "9 d old, more than 15 min", True),
        (-timedelta(hours=1), "0 s old", False),
    ],
)
def test_how_old_facts_are_is_said_and_whether_that_is_too_old(age: timedelta, said: str, stale: bool) -> None:
    line, is_stale = facts.told(SEEN, NOON + age, QUARTER)
    assert f"facts of the members are from facts/dev.yaml, {said}" in line
    assert is_stale is stale
