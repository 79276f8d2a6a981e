"""The command lines and environments that programs run in."""

import json
import sys
from pathlib import Path

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import language_pb2

from sandbox.plugins.language import command


def program(root: Path, **options: str) -> language_pb2.ProgramInfo:
    """A program in a project with runtime options."""
    struct = struct_pb2.Struct()
    struct.update(options)
    return language_pb2.ProgramInfo(
        root_directory=str(root), program_directory=str(root), entry_point=".", options=struct
    )


def test_without_an_option_the_hosts_own_interpreter_runs_the_program(tmp_path: Path) -> None:
    found = command.interpreter(program(tmp_path))
    assert found.executable == Path(sys.executable)
    assert found.environment({"PATH": "/bin"}) == {"PATH": "/bin"}


def test_a_virtual_environment_is_relative_to_the_project_and_is_activated(tmp_path: Path) -> None:
    (tmp_path / "env" / "bin").mkdir(parents=True)
    (tmp_path / "env" / "bin" / "python").touch()
    found = command.interpreter(program(tmp_path, virtualenv="env"))
    assert found.executable == tmp_path / "env" / "bin" / "python"
    environment = found.environment({"PATH": "/bin", "PYTHONHOME": "/x"})
    assert environment == {"PATH": f"{tmp_path}/env/bin:/bin", "VIRTUAL_ENV": f"{tmp_path}/env"}


def test_a_virtual_environment_without_an_interpreter_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(command.UnusableEnvironmentError, match=r'virtualenv is "none".*python3 -m venv'):
        command.interpreter(program(tmp_path, virtualenv="none"))


def test_the_program_is_told_where_the_engine_is_and_what_it_is_run_for(tmp_path: Path) -> None:
    request = language_pb2.RunRequest(
        project="p", stack="s", pwd="/w", parallel=4, dryRun=True, monitor_address="m:1", info=program(tmp_path)
    )
    arguments = command.run_arguments(request, "e:2", "/exec")
    assert arguments[:2] == ["-u", "/exec"]
    options = dict(zip(arguments[2:-1:2], arguments[3:-1:2], strict=True))
    assert options == {
        "--monitor": "m:1",
        "--engine": "e:2",
        "--project": "p",
        "--root_directory": str(tmp_path),
        "--stack": "s",
        "--pwd": "/w",
        "--dry_run": "true",
        "--parallel": "4",
    }
    assert arguments[-1] == str(tmp_path)


def test_configuration_travels_in_the_environment_with_the_names_of_its_secrets() -> None:
    request = language_pb2.RunRequest(config={"p:a": "1"}, configSecretKeys=["p:a"])
    found = command.configuration(request)
    assert json.loads(found["PULUMI_CONFIG"]) == {"p:a": "1"}
    assert json.loads(found["PULUMI_CONFIG_SECRET_KEYS"]) == ["p:a"]
