"""No mistake of a user's ends in a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fed.project import Fed, write
from tests.places import ROOT


def fed(root: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "fed.main", *arguments]
    checkout = str(ROOT)
    return subprocess.run(
        command, cwd=root, env={"PYTHONPATH": checkout, "PATH": "/usr/bin:/bin"}, input=stdin, capture_output=True
    )


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("schema", "--out", "workloads"), 1, "workloads: Is a directory"),
        (("schema", "--out", "Pulumi.yaml/x"), 1, "Pulumi.yaml"),
        (("validate", "--cwd", "nope"), 2, "does not exist"),
        (("validate", "--cwd", "Pulumi.yaml"), 2, "is a file"),
        (("validate", "--stack", "x" * 300), 1, "File name too long"),
        (("diff", "deep.json", "."), 2, "deep.json cannot be read"),
    ],
)
def test_it_says_what_is_wrong(tmp_path: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    root = write(tmp_path)
    (root / "deep.json").write_text('{"a":' * 100_000)
    done = fed(root, *arguments)
    assert (done.returncode, done.stdout) == (code, b"")
    assert says in done.stderr.decode()
    assert b"Traceback" not in done.stderr


COMMANDS = [
    ("plan",),
    ("plan", "--output", "json"),
    ("validate",),
    ("validate", "--output", "json"),
    ("validate", "--output", "yaml"),
    ("status",),
    ("up", "--preview"),
    ("kubeconfig",),
    ("explain", "deploy/web"),
    ("observe",),
    ("render", "--out", "out"),
    ("simulate", "--lose", "each"),
    ("diff", ".", "."),
    ("types", "--output", "json"),
    ("schema",),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_such_stack_or_project_is_a_wrong_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    code, out, err = Fed(write(tmp_path / "project"), capsys).run(*command, "--stack", "dve")
    assert (code, out) == (2, "")
    assert 'did you mean "dev"? (stacks: dev)' in err
    (tmp_path / "empty").mkdir()
    code, out, err = Fed(tmp_path / "empty", capsys).run(*command)
    assert (code, out) == (2, "")
    assert "Pulumi.yaml" in err


def test_objects_that_are_piped_in_have_to_be_utf_8(tmp_path: Path) -> None:
    done = fed(tmp_path, "federate", "-", stdin="kind: é".encode("latin-1"))
    assert done.returncode == 1
    assert done.stderr == b"<stdin>: byte 7 is not UTF-8; save the objects as UTF-8\n"
