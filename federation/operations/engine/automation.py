"""Run Pulumi through its Automation API, without a terminal of its own.

Several runs go on at a time, each in a worker thread. A Ctrl-C, or a signal to this process, reaches each engine
exactly once: it finishes what it has begun, writes its state, and gives its lock back.
"""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread
from types import FrameType
from typing import IO, Any, Final

from pulumi import automation
from pulumi.automation._stack import StackInitMode  # the SDK does not export it, and `Stack.select` ignores subclasses
from pulumi.automation.errors import CommandError
from pulumi.automation.events import EngineEvent

from federation.operations.engine.command_line import NO_PULUMI, EngineError, stop_signals_handled

__all__ = ["Engine", "Ran", "plain_event"]

INTERRUPTED: Final = 130
"""The exit code of a run that did not begin, since a signal came first."""


class FailedError(CommandError):
    """A command of `pulumi` ended with an exit ``code`` other than 0."""

    def __init__(self, result: automation.CommandResult) -> None:
        super().__init__(result)
        self.code = result.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a run ended: its exit code (negative: minus the signal) and the lines that it wrote."""

    code: int
    output: str = field(repr=False)


class Engine(automation.PulumiCommand):
    """The `pulumi` on PATH. ``interrupted`` is set once a signal has been passed on; no run begins after it."""

    def __init__(self) -> None:
        try:
            super().__init__()
        except FileNotFoundError:
            raise EngineError(NO_PULUMI) from None
        self._processes: set[subprocess.Popen[str]] = set()
        self._lock = Lock()
        self.interrupted = False

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
    ) -> automation.CommandResult:
        """Run `pulumi` with ``args``. Raises ``FailedError`` when it fails.

        It has a process group of its own, so a terminal's Ctrl-C reaches it only through ``pass_signals_on``.
        """
        command = [self.command, "--non-interactive", *args]
        environment = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        process = self._start(command, cwd, environment)
        try:
            output: list[str] = []
            errors: list[str] = []
            readers = [_reading(process.stdout, on_output, output), _reading(process.stderr, on_error, errors)]
            for each in readers:
                each.join()
            code = process.wait()
        finally:
            with self._lock:
                self._processes.discard(process)
        result = automation.CommandResult(stdout="\n".join(output), stderr="\n".join(errors), code=code)
        if code:
            raise FailedError(result)
        return result

    def _start(self, command: list[str], cwd: str, environment: Mapping[str, str]) -> subprocess.Popen[str]:
        with self._lock:
            if self.interrupted:
                raise FailedError(automation.CommandResult(stdout="", stderr="interrupted", code=INTERRUPTED))
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                process_group=0,
            )
            self._processes.add(process)
            return process

    @contextmanager
    def pass_signals_on(self) -> Iterator[None]:
        """Pass SIGINT and SIGTERM on to all engines that run, each as an interrupt. To be used in the main thread."""

        def interrupt(_number: int, _frame: FrameType | None) -> None:
            self.interrupted = True
            for process in tuple(self._processes):
                process.send_signal(signal.SIGINT)

        with stop_signals_handled(interrupt):
            yield

    def update(
        self,
        root: Path,
        stack: str,
        *,
        config_file: Path,
        environment: Mapping[str, str],
        on_event: Callable[[Mapping[str, Any]], None],
        preview: bool = False,
        refresh: bool = False,
    ) -> Ran:
        """Update ``stack`` of the project at ``root`` (or only preview it), with the config of ``config_file``.

        With ``refresh``, the state is compared with what exists first, so that drift is repaired.
        """
        workspace = _Workspace(work_dir=str(root), env_vars=dict(environment), pulumi_command=self)
        run = _Stack(stack, workspace, StackInitMode.SELECT)
        lines: list[str] = []
        options: dict[str, Any] = {
            "config_file": str(config_file),
            "color": "never",
            "suppress_outputs": True,
            "refresh": refresh or None,
            "on_output": lines.append,
            "on_error": lines.append,
            "on_event": lambda event: on_event(plain_event(event, counts_plans=preview)),
        }
        try:
            if preview:
                run.preview(**options)
            else:
                run.up(**options)
        except FailedError as error:
            return Ran(code=error.code, output="\n".join(lines))
        return Ran(code=0, output="\n".join(lines))


class _Workspace(automation.LocalWorkspace):
    """A project whose stacks are named in each command, so that the user's selected stack stays."""

    def select_stack(self, stack_name: str) -> None:
        """Do nothing: `--stack` says it."""


class _Stack(automation.Stack):
    """A stack whose state the caller reads: the SDK would run `pulumi` three more times for it after an update."""

    def outputs(self) -> automation.OutputMap:
        return {}

    def info(self, show_secrets: bool | None = None) -> automation.UpdateSummary:  # noqa: ARG002, FBT001 -- the SDK's
        return automation.UpdateSummary(
            kind="update", start_time=datetime.now(UTC), message="", environment={}, config={}, result="succeeded"
        )


def plain_event(event: EngineEvent, *, counts_plans: bool = False) -> Mapping[str, Any]:
    """The event as the engine writes it into a log, as far as it is tallied.

    With ``counts_plans``, what a preview announces counts as done.
    """
    found: dict[str, Any] = {"timestamp": event.timestamp}
    for name, part in (("resourcePreEvent", event.resource_pre_event), ("resOutputsEvent", event.res_outputs_event)):
        if part is not None:
            metadata = {"op": str(part.metadata.op.value), "type": part.metadata.type, "urn": part.metadata.urn}
            found[name] = {"metadata": metadata, "planning": bool(part.planning) and not counts_plans}
    if (failed := event.res_op_failed_event) is not None:
        found["resOpFailedEvent"] = {"metadata": {"urn": failed.metadata.urn}}
    if (message := event.diagnostic_event) is not None and message.severity in ("error", "warning"):
        found["diagnosticEvent"] = {
            "severity": message.severity,
            "message": message.message,
            "urn": message.urn or "",
        }
    return found


def _reading(stream: IO[str] | None, call: Callable[[str], Any] | None, lines: list[str]) -> Thread:
    def read_lines() -> None:
        if stream is None:
            return
        with stream:
            for line in stream:
                text = line.rstrip()
                if call:
                    call(text)
                lines.append(text)

    thread = Thread(target=read_lines, daemon=True)
    thread.start()
    return thread
