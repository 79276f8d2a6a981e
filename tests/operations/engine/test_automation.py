"""The engine's events are as in its log, and a signal reaches each engine once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pulumi.automation.events import EngineEvent

from federation.operations.engine import automation
from federation.operations.engine.automation import Engine, FailedError, plain_event

URN = "urn:pulumi:prod::p::kubernetes:apps/v1:Deployment::east/demo/Deployment/web"
METADATA = {"op": "create", "type": "kubernetes:apps/v1:Deployment", "urn": URN, "provider": "p", "new": None}
KEPT = {"op": "create", "type": "kubernetes:apps/v1:Deployment", "urn": URN}


def event(**part: object) -> EngineEvent:
    return EngineEvent.from_json({"sequence": 1, "timestamp": 7, **part})


@pytest.mark.parametrize("name", ["resourcePreEvent", "resOutputsEvent"])
@pytest.mark.parametrize(
    ("planning", "counts_plans", "is_planned"), [(True, False, True), (True, True, False), (None, False, False)]
)
def test_a_step_of_a_resource_keeps_what_is_tallied(
    name: str, planning: bool | None, counts_plans: bool, is_planned: bool
) -> None:
    found = plain_event(event(**{name: {"metadata": METADATA, "planning": planning}}), counts_plans=counts_plans)
    assert found == {"timestamp": 7, name: {"metadata": KEPT, "planning": is_planned}}


def test_a_failed_operation_keeps_its_resource() -> None:
    failed = {"metadata": METADATA, "status": 1, "steps": 2}
    assert plain_event(event(resOpFailedEvent=failed)) == {
        "timestamp": 7,
        "resOpFailedEvent": {"metadata": {"urn": URN}},
    }


@pytest.mark.parametrize(
    ("severity", "is_kept"), [("error", True), ("warning", True), ("info", False), ("debug", False)]
)
def test_of_messages_errors_and_warnings_are_kept(severity: str, is_kept: bool) -> None:
    message = {"message": "no answer", "color": "never", "severity": severity}
    found = plain_event(event(diagnosticEvent=message))
    kept = {"diagnosticEvent": {"severity": severity, "message": "no answer", "urn": ""}}
    assert found == {"timestamp": 7, **(kept if is_kept else {})}


def test_an_event_of_another_kind_has_its_time_alone() -> None:
    assert plain_event(event(cancelEvent={})) == {"timestamp": 7}


CHILD = """
import signal, sys
def end(number, frame):
    print("child got", signal.Signals(number).name, flush=True)
    sys.exit(3)
signal.signal(signal.SIGINT, end)
print("child runs", flush=True)
while True:
    signal.pause()
"""
PARENT = """
import sys
from threading import Thread
from federation.operations.engine.automation import Engine, FailedError

class Python(Engine):
    def __init__(self, command):
        super().__init__()
        self.command = command

def run(number):
    try:
        engine.run([], ".", {}, on_output=lambda line: print(number, line, flush=True))
    except FailedError as error:
        print(number, "ended with", error.code, flush=True)

engine = Python(sys.argv[1])
with engine.pass_signals_on():
    runs = [Thread(target=run, args=(number,)) for number in (1, 2)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
run(3)
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH with a `pulumi` that has a version and nothing else."""
    pulumi = tmp_path / "pulumi"
    pulumi.write_text("#!/bin/sh\necho v3.274.1\n")
    pulumi.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return tmp_path


def script(path: Path, text: str) -> str:
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_engines_in_good_order_and_no_run_begins_after_it(
    programs: Path, number: signal.Signals
) -> None:
    child = script(programs / "child", CHILD)
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, child],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as parent:
        assert parent.stdout is not None
        assert sorted(parent.stdout.readline() for _ in range(2)) == ["1 child runs\n", "2 child runs\n"]
        parent.send_signal(number)
        rest = sorted(parent.stdout.read().splitlines())
    assert rest == [
        "1 child got SIGINT",
        "1 ended with 3",
        "2 child got SIGINT",
        "2 ended with 3",
        f"3 ended with {automation.INTERRUPTED}",
    ]
    assert parent.returncode == 0


def test_a_run_gives_both_of_its_streams_line_by_line(programs: Path) -> None:
    engine = Engine()
    engine.command = script(programs / "both", "import sys\nprint('out')\nprint('err', file=sys.stderr)\n")
    out: list[str] = []
    err: list[str] = []
    result = engine.run([], str(programs), {}, on_output=out.append, on_error=err.append)
    assert (out, err, result.stdout, result.stderr, result.code) == (["out"], ["err"], "out", "err", 0)


def test_a_run_that_fails_has_its_code_and_what_it_wrote(programs: Path) -> None:
    engine = Engine()
    engine.command = script(programs / "fails", "import sys\nprint(sys.argv[1:])\nsys.exit(4)\n")
    with pytest.raises(FailedError, match=r"non-interactive.*'up'") as caught:
        engine.run(["up"], str(programs), {})
    assert caught.value.code == 4
