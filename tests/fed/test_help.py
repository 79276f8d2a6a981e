"""Help names every command in whole sentences, and says what exit codes mean."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from fed import entry
from fed.main import app
from fed.terminal import overview
from tests.places import ROOT

RUNNER = CliRunner()
NARROW = {"COLUMNS": "80"}


def commands(group: Any, *before: str) -> Iterator[tuple[str, ...]]:
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from commands(command, *before, name)
        elif name != "sandbox":  # which hands its options over
            yield (*before, name)


ALL = list(commands(typer.main.get_command(app)))


def listed() -> list[str]:
    return [name for _, some in overview.GROUPS for name, _ in some]


def test_the_overview_names_every_command_once() -> None:
    names = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    assert sorted(listed()) == sorted(names)


def test_the_overview_fits_80_columns_and_ends_each_sentence() -> None:
    sentences = [sentence for _, some in overview.GROUPS for _, sentence in some]
    lines = overview.text().splitlines()
    assert len(lines) > len(sentences) > 0
    assert [line for line in lines if len(line) > 80] == []
    assert [sentence for sentence in sentences if not sentence.endswith(".")] == []


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["help"]])
def test_help_is_the_overview_and_loads_no_command(arguments: list[str]) -> None:
    script = (
        f"import sys; sys.argv[1:] = {arguments!r}; from fed import entry; entry.main(); "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'typer', 'pydantic', 'rich', 'federation'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == overview.text() + "[]\n"


def test_the_module_itself_prints_the_same_overview() -> None:
    assert RUNNER.invoke(app, ["--help"]).output.rstrip() == overview.text().rstrip()


def test_help_of_a_command_is_its_help(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr("fed.main.main", lambda: seen.append(sys.argv[1:]))
    monkeypatch.setattr(sys, "argv", ["fed", "help", "new", "app"])
    entry.main()
    assert seen == [["new", "app", "--help"]]


def test_the_version_is_printed() -> None:
    done = RUNNER.invoke(app, ["--version"])
    assert (done.exit_code, done.output.split()[0]) == (0, "fed")


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_help_of_every_command_names_exit_codes_and_what_its_options_take(command: tuple[str, ...]) -> None:
    text = RUNNER.invoke(app, [*command, "-h"], env=NARROW).output
    assert "exit code" in " ".join(text.split()).lower()
    options = text.partition("Options:")[2]
    for word in ("<str>", "<path>", "<dir>", "<list[str]>", "<float", "<int"):
        assert word not in options


@pytest.mark.parametrize("command", [["import"], ["new"], ["sandbox"], ["sandbox", "cluster"]], ids=" ".join)
def test_lists_of_commands_cut_no_sentence(command: list[str]) -> None:
    text = RUNNER.invoke(app, [*command, "-h"], env=NARROW).output
    assert "..." not in text.partition("Commands:")[2]
    assert "Commands:" in text
