"""Colour and styles are for terminals, and only unless the user switched them off."""

import io
import sys

import pytest

from fed.terminal import output

ESCAPE = "\x1b["
PLAIN = "Members\nNAME\n[bold]east[/bold]\nback\\\n\n[red]said[/red] [1]\n"
"""What ``printed`` gives without styles."""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    output.table("Members", ("NAME",), [("[bold]east[/bold]",), ("back\\",)])
    output.say("[red]said[/red] [1]")
    return stream.getvalue()


@pytest.fixture(autouse=True)
def _a_plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_a_terminal_gets_styles(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ESCAPE in printed(Terminal(), monkeypatch)


def test_a_file_or_a_pipe_gets_none_whatever_the_environment_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert printed(io.StringIO(), monkeypatch) == PLAIN


def test_no_color_is_honoured_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert printed(Terminal(), monkeypatch) == PLAIN


def test_an_empty_no_color_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert ESCAPE in printed(Terminal(), monkeypatch)


def test_a_dumb_terminal_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert printed(Terminal(), monkeypatch) == PLAIN


def test_cells_and_messages_are_shown_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    written = printed(io.StringIO(), monkeypatch)
    assert "[bold]east[/bold]" in written
    assert "back\\" in written
    assert "[red]said[/red] [1]" in written


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
@pytest.mark.parametrize("text", ["web.yaml:100:1234: odd", "web.yaml:1234:100: odd", ":fire: :100: :1234:"])
def test_no_part_of_a_text_becomes_an_emoji(
    monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO], text: str
) -> None:
    written = stream()
    monkeypatch.setattr(sys, "stdout", written)
    monkeypatch.setattr(sys, "stderr", written)
    output.say(text)
    output.table(text, (text,), [(text,)])
    assert "".join(line.strip() for line in written.getvalue().splitlines()).count(text) >= 2
    assert written.getvalue().isascii()
