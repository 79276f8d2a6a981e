"""Options that several commands share, so that each is spelled and described the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

from fed.output import OutputFormat
from stacks import settings

__all__ = ["HERE", "Folder", "Output", "StackName", "read"]

StackName = Annotated[str, typer.Option("--stack", "-s", help="The stack: Pulumi.<stack>.yaml.", show_default=True)]
Output = Annotated[OutputFormat, typer.Option("--output", "-o", help="How to print it.")]
Folder = Annotated[Path, typer.Option("--cwd", help="The project's folder, or one inside it.", show_default=False)]
HERE = Path()


def read(stack: str, cwd: Path) -> settings.Stack:
    """The stack that the options ``--stack`` and ``--cwd`` name."""
    return settings.read(settings.find_project(cwd.resolve()), stack)
