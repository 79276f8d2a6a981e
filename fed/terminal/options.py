"""Define the options that several commands share, so that each is spelled and described the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

from fed.terminal import completion
from fed.terminal.output import OutputFormat, PlanFormat
from federation.errors import suggestions
from federation.errors.fault import FederationError
from federation.operations.project import settings
from federation.plan.model.plan import Plan

__all__ = [
    "HERE",
    "Allow",
    "Folder",
    "MemberName",
    "NoSuchMemberError",
    "Output",
    "PlanOutput",
    "RequireState",
    "StackName",
    "check_member",
    "read_stack",
]

StackName = Annotated[
    str,
    typer.Option(
        "--stack",
        "-s",
        metavar="STACK",
        help="The stack: Pulumi.<stack>.yaml.",
        show_default=True,
        autocompletion=completion.stacks,
    ),
]
MemberName = Annotated[
    str,
    typer.Option(
        "--member",
        "-m",
        metavar="MEMBER",
        help="Only this member.",
        show_default=False,
        autocompletion=completion.members,
    ),
]
Output = Annotated[OutputFormat, typer.Option("--output", "-o", help="How to print it.")]
PlanOutput = Annotated[
    PlanFormat, typer.Option("--output", "-o", help="How to print it: markdown is for pull requests.")
]
Folder = Annotated[
    Path,
    typer.Option(
        "--cwd",
        metavar="FOLDER",
        help="The project's folder, or one inside it.",
        show_default=False,
        exists=True,
        file_okay=False,
    ),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="TARGET",
        help="Allow this loss, in this run: Namespace/shop, shop/Deployment/web, a DNS name. May be repeated.",
        show_default=False,
    ),
]
RequireState = Annotated[
    bool | None,
    typer.Option(
        "--require-state/--no-require-state",
        help="Fail when the stack's state cannot be read; the default in CI.",
        show_default=False,
    ),
]
HERE = Path()


def read_stack(stack: str, cwd: Path, *, defers_errors: bool = False) -> settings.Stack:
    """The stack that the options ``--stack`` and ``--cwd`` name.

    With ``defers_errors``, faults in documents are kept for the plan, so that all faults come in one run.
    """
    return settings.read_stack(settings.find_project(cwd.resolve()), stack, defers_errors=defers_errors)


class NoSuchMemberError(FederationError):
    """The command line names a member that the stack does not have."""

    exit_code = 2


def check_member(name: str, plan: Plan) -> None:
    """``NoSuchMemberError`` when ``plan`` has no member called ``name``; the message lists the members."""
    names = [member.name for member in plan.members]
    if name not in names:
        raise NoSuchMemberError(f"stack {plan.stack} has no member {name!r}; {suggestions.remedy(name, names)}")
