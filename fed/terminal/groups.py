"""Print the help of commands that hold others: whole sentences, and the overview for ``fed`` itself."""

from typing import Any

import typer
from typer.core import TyperGroup

from fed.terminal import overview

__all__ = ["Overview", "Whole", "show_version"]


class Overview(TyperGroup):
    """``fed`` itself."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 -- as Typer calls it
        """Write the overview."""
        formatter.write(overview.text())


class Whole(TyperGroup):
    """A command group; its list of commands wraps lines and never truncates a sentence."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write each command with the first paragraph of its help."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, " ".join((each.help or "").partition("\n\n")[0].split())) for name, each in commands if each]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def show_version(value: bool) -> None:  # noqa: FBT001 -- how Typer calls it
    """Print the version and exit, when ``--version`` is given."""
    if value:
        typer.echo(version())
        raise typer.Exit


def version() -> str:
    """The version of this project, as installed."""
    from importlib import metadata

    return f"fed {metadata.version('eks-federation')}"
