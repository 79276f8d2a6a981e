"""``fed destroy``: remove all that a stack has made, once it is shown and confirmed by the stack's name."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from fed.commands.plan import make
from fed.terminal import options
from fed.terminal.options import HERE, Folder, StackName
from fed.terminal.output import say, table
from federation.components.aws import account
from federation.errors.fault import FederationError, raise_if_errors
from federation.operations import destruction
from federation.operations.destruction import Toll
from federation.operations.engine import command_line, guarding, outputs
from federation.operations.project.settings import Stack
from federation.plan.changes.quarantine import listed

__all__ = ["command"]


class NotConfirmedError(FederationError):
    """Nobody has confirmed by name what is to go; nothing was removed."""

    exit_code = 2


class ProtectedError(FederationError):
    """Something is protected from deletion; nothing was removed."""


def command(
    stack: StackName = "dev",
    yes_destroy: Annotated[
        str,
        typer.Option(
            "--yes-destroy",
            metavar="STACK",
            help="Do not ask: the stack's name, once more, in place of typing it.",
            show_default=False,
        ),
    ] = "",
    cwd: Folder = HERE,
) -> None:
    """Remove all that a stack has made: objects, clusters, networks, names, and the data in them.

    What goes is shown first, by count and name, and the stack's name has to be typed. Nothing goes while something is
    protected. Orphans stay in their members. What a killed run has left is put right first, as `fed up` does.

    Exit codes: 0 all is gone; 1 a fault, something protected, or Pulumi's own; 2 not confirmed, or no such stack.
    """
    # Here and not above: AWS's client takes long to load.
    from federation.operations.recovery import recovery

    read = options.read(stack, cwd)
    toll = destruction.of(_deployment(read))
    if not toll.resources and not toll.kept:
        say(f"stack {stack} holds nothing; `pulumi stack rm {stack}` forgets it")
        return
    _show(stack, toll)
    if toll.protected:
        raise ProtectedError(_protected(stack, toll.protected))
    _confirm(stack, yes_destroy)
    left = outputs.observed(read.root, read.federation)
    raise_if_errors(account.faults(read.federation, left, by_state=True))
    recovery.prepare(read, make(read, left), say)
    if code := _destroy(read, toll):
        raise typer.Exit(code)


def _deployment(stack: Stack) -> Mapping[str, Any]:
    exported: Mapping[str, Any] = json.loads(command_line.ask(stack.root, "stack", "export", "--stack", stack.name))
    return exported.get("deployment") or {}


def _show(stack: str, toll: Toll) -> None:
    rows = [(f"objects in {member}", str(count), "") for member, count in toll.objects.items()]
    rows += [
        (title, str(len(names)), listed(names))
        for title, names in (
            ("namespaces, with all in them", toll.namespaces),
            ("stored data", toll.stored),
            ("EKS clusters, with all in them", toll.clusters),
            ("hosted zones, with name servers", toll.zones),
        )
        if names
    ]
    rows += [
        (title, str(count), "")
        for title, count in (("networks", toll.networks), ("DNS records", toll.records))
        if count
    ]
    table(f"Goes with stack {stack}: {toll.resources} resources", ("WHAT", "COUNT", "NAMES"), rows)
    if toll.kept:
        say(f"stays where it is, without its managed label: {listed(toll.kept)}")


def _protected(stack: str, urns: Sequence[str]) -> str:
    names = listed([urn.rpartition("::")[2] for urn in urns])
    return (
        f"nothing was removed: protected in stack {stack}: {names}. If it is to go, set `deletionProtection: false` "
        f"where the config protects it and run `fed up --stack {stack}`, or lift it in the state alone: "
        f"pulumi state unprotect --all --stack {stack}"
    )


def _confirm(stack: str, given: str) -> None:
    """``NotConfirmedError`` unless the stack's name was given, or is typed now."""
    if not given and not sys.stdin.isatty():
        raise NotConfirmedError(f"nothing was removed: without a terminal, confirm with --yes-destroy {stack}")
    typed = given or typer.prompt(f"This cannot be undone. Type the stack's name ({stack}) to destroy it", err=True)
    if typed != stack:
        raise NotConfirmedError(f'nothing was removed: "{typed}" is not the name of the stack, {stack}')


def _destroy(stack: Stack, toll: Toll) -> int:
    """Run `pulumi destroy` and return its exit code. One member's failure keeps none of the others."""
    run = ["pulumi", "destroy", "--stack", stack.name, "--yes", "--skip-preview"]
    run += ["--run-program"] if toll.needs_program else []
    # The program only takes leave of orphans: what it would plan is no matter, so its guard has nothing to refuse.
    settings = {"PULUMI_CONTINUE_ON_ERROR": "true", guarding.VARIABLE: guarding.OFF}
    code = command_line.run(run, stack.root, {**os.environ, **settings})
    if code:
        say(f"stack {stack.name} is not gone as a whole: pulumi says why above; then run `fed destroy` again")
        say("objects of a member that is lost for good are forgotten with PULUMI_K8S_DELETE_UNREACHABLE=true")
        return 128 - code if code < 0 else code
    say(f"stack {stack.name} holds nothing any more; `pulumi stack rm {stack.name}` forgets its history as well")
    return 0
