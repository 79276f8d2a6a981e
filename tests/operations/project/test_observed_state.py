"""The observed state of members is kept in a file, and a plan uses them while the file exists."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors.fault import FaultsFoundError
from federation.operations.project import observed_state
from federation.operations.project.observed_state import ObservedState, ObservedWorkload
from federation.plan.model.observed import Observed
from federation.plan.replicas.observed_replicas import ObservedReplicas
from tests.plan.building import TALK, planned

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
SEEN = ObservedState(
    stack="dev",
    observed_at=NOON,
    nodes={"us-west": 3, "us-east": 2},
    workloads={
        "demo/web": ObservedWorkload(
            kind="Deployment",
            members={"us-west": ObservedReplicas(current=6), "us-east": ObservedReplicas(current=4, capacity=5)},
        )
    },
    unreachable={"ap-northeast": "does not answer: refused"},
    file="observed/dev.yaml",
)
TEXT = """\
apiVersion: observed.eks-federation/v1
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


def test_a_file_of_an_earlier_version_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "facts").mkdir()
    (tmp_path / "facts" / "dev.yaml").write_text(TEXT)
    with pytest.raises(FaultsFoundError, match=r"^facts/dev.yaml: this file is no longer read; run `fed observe"):
        observed_state.read_observed_state(tmp_path, "dev")
    assert observed_state.read_observed_state(tmp_path, "prod") is None


def put(root: Path, text: str) -> None:
    (root / "observed").mkdir(exist_ok=True)
    (root / "observed" / "dev.yaml").write_text(text)


def faults(root: Path, text: str) -> list[str]:
    put(root, text)
    with pytest.raises(FaultsFoundError) as caught:
        observed_state.read_observed_state(root, "dev")
    return [str(fault) for fault in caught.value.faults]


def test_the_file_is_sorted_and_read_back_as_it_was(tmp_path: Path) -> None:
    observed_state.write_observed_state(SEEN, tmp_path / "observed" / "dev.yaml")
    assert (tmp_path / "observed" / "dev.yaml").read_text() == TEXT
    assert observed_state.read_observed_state(tmp_path, "dev") == SEEN
    assert [path.name for path in (tmp_path / "observed").iterdir()] == ["dev.yaml"]


@given(st.dictionaries(NAMES, COUNTS), st.dictionaries(NAMES, st.dictionaries(NAMES, SIGHTINGS)))
def test_any_observed_state_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, nodes: dict[str, int], seen: dict[str, dict[str, ObservedReplicas]]
) -> None:
    root = tmp_path_factory.mktemp("project")
    workloads = {key: ObservedWorkload(kind="Deployment", members=members) for key, members in seen.items()}
    made = ObservedState(stack="dev", observed_at=NOON, nodes=nodes, workloads=workloads, file="observed/dev.yaml")
    observed_state.write_observed_state(made, root / "observed" / "dev.yaml")
    assert observed_state.read_observed_state(root, "dev") == made


def test_without_a_file_there_is_no_state_and_no_line(tmp_path: Path) -> None:
    assert observed_state.read_observed_state(tmp_path, "dev") is None
    before = Observed(nodes={"x": 1})
    assert observed_state.add_to(before, None) is before
    assert observed_state.describe_age(None, NOON, QUARTER) == ("", False)


def test_a_plan_uses_the_observed_state() -> None:
    observed = observed_state.add_to(Observed(registered={}), SEEN)
    assert observed.current == {"demo/web": {"us-west": 6, "us-east": 4}}
    assert observed.capacity == {"demo/web": {"us-east": 5}}
    assert (observed.nodes, observed.registered) == (SEEN.nodes, {})
    (web,) = [each for each in planned(TALK, observed).workloads if each.kind == "Deployment"]
    assert web.replicas == {"ap-northeast": 3, "us-east": 5, "us-west": 7}


def test_all_faults_of_a_file_are_reported_with_their_lines(tmp_path: Path) -> None:
    wrong = (
        TEXT.replace("/v1", "/v2")
        .replace("dev", "prod")
        .replace("12:00:00Z", "12:00:00")
        .replace("us-east: 2", "us-east: -2")
    )
    found = faults(tmp_path, wrong.replace("current: 6", "current: many").replace("kind:", "kinds:"))
    assert [line.split(": ")[:2] for line in found] == [
        ["observed/dev.yaml:1", "apiVersion"],
        ["observed/dev.yaml:2", "stack"],
        ["observed/dev.yaml:3", "observedAt"],
        ["observed/dev.yaml:5", "nodes.us-east"],
        ["observed/dev.yaml:8", "workloads.demo/web.kind"],
        ["observed/dev.yaml:9", "workloads.demo/web.kinds"],
        ["observed/dev.yaml:15", "workloads.demo/web.members.us-west.current"],
    ]


def test_later_checks_are_skipped_when_the_file_cannot_be_read(tmp_path: Path) -> None:
    for text in ("a: [", "stack: 3"):
        put(tmp_path, text)
        with pytest.raises(FaultsFoundError) as caught:
            observed_state.read_observed_state(tmp_path, "dev")
        assert caught.value.skipped_checks


@pytest.mark.parametrize("text", ["a: [", "- 1"])
def test_the_remedy_of_a_broken_file_is_a_new_one(tmp_path: Path, text: str) -> None:
    assert [line.partition("; ")[2] for line in faults(tmp_path, text)] == [
        "run `fed observe --stack dev` again, or remove the file to plan from the documents alone"
    ]


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "x", "{}", "apiVersion: 1", "stack: []", "workloads: 3", "\x00"])
def test_no_file_is_a_traceback(tmp_path: Path, text: str) -> None:
    lines = faults(tmp_path, text)
    assert lines
    assert [line for line in lines if not line.startswith("observed/dev.yaml")] == []


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
def test_the_line_states_the_age_and_whether_it_is_more_than_the_limit(age: timedelta, said: str, stale: bool) -> None:
    line, is_stale = observed_state.describe_age(SEEN, NOON + age, QUARTER)
    assert f"the observed state in observed/dev.yaml is {said}" in line
    assert is_stale is stale
