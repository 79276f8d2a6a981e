"""Each member that keeps an update waiting has a line."""

import json
import threading
from pathlib import Path

import pytest

from federation.operations.engine import progress
from federation.operations.engine.engine_events import Changes


def changes(member: str, *names: str, failed: tuple[str, ...] = (), since: int = 70) -> Changes:
    return Changes(member=member, done={}, failed=failed, waiting=dict.fromkeys(names, since))


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (changes("left", "left/web"), "left: waits for web (30 s so far)"),
        (changes("left", "a", "b", "c", "d", "e"), "left: waits for a, b, c and 2 more (30 s so far)"),
        (changes("left", "a", failed=("b",)), "left: waits for a (30 s so far); 1 failed"),
    ],
)
def test_a_member_that_is_waited_for_has_a_line(found: Changes, line: str) -> None:
    assert list(progress.lines([found, changes("right")], now=100.0)) == [line]


def test_what_has_just_begun_has_no_line() -> None:
    assert list(progress.lines([changes("left", "a", since=99)], now=100.0)) == []


def test_the_log_is_followed_until_the_update_ends(tmp_path: Path) -> None:
    log = tmp_path / "events.json"
    said = threading.Event()
    heard: list[str] = []

    def say(line: str) -> None:
        heard.append(line)
        said.set()

    metadata = {"op": "create", "type": "kubernetes:core/v1:ConfigMap", "urn": "urn::$kubernetes:x::left/a"}
    with progress.reporting(log, ("left",), say, seconds=0.01):
        log.write_text(json.dumps({"timestamp": 0, "resourcePreEvent": {"metadata": metadata}}) + "\n")
        assert said.wait(30)
    count = len(heard)
    assert heard[0].startswith("left: waits for a (")
    assert not [thread for thread in threading.enumerate() if thread.name == "progress"]
    assert len(heard) == count
