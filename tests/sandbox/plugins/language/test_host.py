"""Programs and policy packs run by the language host, with the real engine."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.sandbox.plugins.engine import EngineError, Project

pytestmark = pytest.mark.sandbox

SLEEPER = """
    import os, pathlib, time
    pathlib.Path("pids").write_text(f"{os.getpid()} {os.getppid()}")
    time.sleep(60)
"""
PACK = """
import asyncio
import grpc.aio
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

RULE = {"policyName": "none", "policyPackName": "rules", "enforcementLevel": analyzer_pb2.MANDATORY}

class Rules(analyzer_pb2_grpc.AnalyzerServicer):
    async def GetAnalyzerInfo(self, request, context):
        return analyzer_pb2.AnalyzerInfo(name="rules", displayName="rules", version="0.0.1")
    async def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="0.0.1")
    async def Configure(self, request, context):
        return empty_pb2.Empty()
    async def Analyze(self, request, context):
        return analyzer_pb2.AnalyzeResponse()
    async def AnalyzeStack(self, request, context):
        found = analyzer_pb2.AnalyzeDiagnostic(message="no stacks today", urn=request.resources[0].urn, **RULE)
        return analyzer_pb2.AnalyzeResponse(diagnostics=[found])

async def main():
    server = grpc.aio.server()
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Rules(), server)
    print(server.add_insecure_port("127.0.0.1:0"))
    await server.start()
    await server.wait_for_termination()

asyncio.run(main())
"""
DEADLINE = 15.0


def test_a_program_gets_its_configuration_and_no_trace_of_the_host(project: Project) -> None:
    project.pulumi("config", "set", "size", "3")
    project.pulumi("config", "set", "--secret", "word", "planted")
    project.program(
        """
        import os, pulumi
        pulumi.export("size", pulumi.Config().require_int("size"))
        pulumi.export("word", pulumi.Config().require_secret("word"))
        pulumi.export("traces", [name for name in os.environ if name.startswith("SANDBOX")])
        """
    )
    written = project.up()
    assert "warning" not in written
    assert "planted" not in written
    assert project.pulumi("stack", "output", "size").strip() == "3"
    assert project.pulumi("stack", "output", "traces").strip() == "[]"


def test_a_program_that_fails_shows_its_traceback_once(project: Project) -> None:
    project.program("raise RuntimeError('on purpose')")
    with pytest.raises(EngineError) as caught:
        project.up()
    assert str(caught.value).count("RuntimeError: on purpose") == 1


def test_a_program_that_ends_by_itself_is_an_error_with_its_code(project: Project) -> None:
    project.program("import os; os._exit(7)")
    with pytest.raises(EngineError, match="ended with exit code 7"):
        project.up()


def test_a_virtual_environment_that_is_not_there_is_named(project: Project) -> None:
    (project.folder / "Pulumi.yaml").write_text(
        "name: trial\nruntime: {name: python, options: {virtualenv: missing}}\n"
    )
    project.program("pass")
    with pytest.raises(EngineError, match=r'runtime\.options\.virtualenv is "missing"'):
        project.up()


def test_a_policy_pack_stops_an_update(project: Project, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\nname: rules\nversion: 0.0.1\n")
    (pack / "__main__.py").write_text(PACK)
    project.program("import pulumi; pulumi.export('a', 1)")
    with pytest.raises(EngineError, match="no stacks today"):
        project.up("--policy-pack", str(pack))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_when_the_engine_is_ended(project: Project, number: signal.Signals) -> None:
    project.program(SLEEPER)
    pids = project.folder / "pids"
    with subprocess.Popen(
        project.command("up", "--yes", "--skip-preview"),
        cwd=project.folder,
        env=dict(project.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as engine:
        wait_until(pids.exists)
        started = [int(pid) for pid in pids.read_text().split()]
        engine.send_signal(number)
        written = engine.communicate(timeout=DEADLINE)[0]
    wait_until(lambda: not any(is_running(pid) for pid in started))
    assert "Traceback" not in written


def wait_until(condition: object) -> None:
    """Wait for a condition until the deadline."""
    deadline = time.monotonic() + DEADLINE
    assert callable(condition)
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    """Return whether a process runs; one that has ended and waits for its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z" and os.getpid() != pid
