"""``fed destroy``: show all that a stack has made, and remove it after confirmation by the stack's name.

The state alone decides what is removed, so neither the documents nor the config have to be valid.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from fed.commands.plan import make_plan
from fed.terminal.options import HERE, Folder, StackName
from fed.terminal.output import say, table
from federation.api.model.cells import APPS
from federation.components.aws import account
from federation.errors.fault import FaultsFoundError, FederationError, Severity, raise_if_errors
from federation.errors.suggestions import counted
from federation.operations import destroy_program, destruction
from federation.operations.cells import cell_stacks
from federation.operations.destruction import DestructionSummary
from federation.operations.engine import command_line, outputs
from federation.operations.project import account_settings, settings
from federation.operations.project.settings import Stack
from federation.plan.changes.quarantine import listed
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan

__all__ = ["command"]


class DestroyNotConfirmedError(FederationError):
    """The removal was not confirmed by the stack's name; nothing was removed."""

    exit_code = 2


class NoFederationError(FederationError):
    """The stack is another program's; nothing was removed."""


class ProtectedError(FederationError):
    """A resource is protected from deletion; nothing was removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _StackToDestroy:
    """What is known of a stack, and what the last update left (``observed``).

    ``plan`` is ``None`` if documents or config are broken. With a broken config (``has_no_plan``) only the accounts
    that may be touched are known.
    """

    stack: Stack
    observed: Observed
    plan: Plan | None = None
    has_no_plan: bool = False


def command(
    stack: StackName = "dev",
    yes_destroy: Annotated[
        str,
        typer.Option(
            "--yes-destroy",
            metavar="STACK",
            help="The stack's name once more, to skip the prompt.",
            show_default=False,
        ),
    ] = "",
    cwd: Folder = HERE,
) -> None:
    """Remove all that a stack has made: objects, clusters, networks, names, and the data in them.

    All of it is listed first, by count and name; you confirm by typing the stack's name. Nothing is removed while
    something is protected. Orphans stay in their members. What a killed run has left is repaired first, as by `fed up`.
    The state alone decides what is removed, so broken documents or a broken config are only a warning.

    Exit codes: 0 all is removed; 1 a fault, something protected, or Pulumi's own; 2 not confirmed, or no such stack.
    """
    root = settings.find_project(cwd.resolve())
    settings.check_stack(root, stack)
    deployments = {name: _deployment(root, name) for name in cell_stacks.list_to_destroy(root, stack)}
    summary = destruction.summarise(destruction.joined(deployments.values()))
    if not summary.resources and not summary.kept:
        say(f"stack {stack} is empty; `pulumi stack rm {stack}` forgets it")
        return
    context = _read_stack(root, stack, summary)
    _show(stack, summary)
    if summary.protected:
        raise ProtectedError(_protected(stack, summary.protected))
    _confirm(stack, yes_destroy)
    federation, observed = context.stack.federation, context.observed
    raise_if_errors(account.faults(federation, observed, by_state=True, destroys=summary.on_aws))
    if code := _destroy_stacks(context, deployments):
        raise typer.Exit(code)


def _read_stack(root: Path, stack: str, summary: DestructionSummary) -> _StackToDestroy:
    try:
        read = settings.read_stack(root, stack, defers_errors=True)
    except FederationError as error:
        if not summary.is_federation:
            raise NoFederationError(
                f"nothing was removed: stack {stack} of {root} has no federation, and its config describes none: "
                f"{error}"
            ) from None
        _warn(stack, error)
        fallback = account_settings.read_account_settings(root, stack, on_aws=summary.on_aws)
        return _StackToDestroy(
            stack=fallback,
            observed=outputs.observe_stack(root, fallback.federation),
            has_no_plan=True,
        )
    observed = outputs.observe_stack(root, read.federation)
    try:
        return _StackToDestroy(stack=read, observed=observed, plan=make_plan(read, observed))
    except FederationError as error:
        _warn(stack, error)
        return _StackToDestroy(stack=read, observed=observed)


def _warn(stack: str, error: FederationError) -> None:
    """One line on what is broken: how many faults, and the first."""
    found = error.faults if isinstance(error, FaultsFoundError) else ()
    faults = [str(each) for each in found if each.severity is Severity.ERROR] or [str(error)]
    first = f"{'the first: ' if len(faults) > 1 else ''}{' '.join(faults[0].split())}"
    count = counted(len(faults), "fault")
    say(
        f"warning: documents or config have {count}{', ' if len(faults) > 1 else ': '}{first}; destroying uses the "
        f"state alone; `fed validate --stack {stack}` lists every fault",
        "yellow",
    )


def _deployment(root: Path, stack: str) -> Mapping[str, Any]:
    exported: Mapping[str, Any] = json.loads(command_line.query(root, "stack", "export", "--stack", stack))
    return exported.get("deployment") or {}


def _show(stack: str, summary: DestructionSummary) -> None:
    rows = [(f"objects in {member}", str(count), "") for member, count in summary.objects.items()]
    rows += [
        (title, str(len(names)), listed(names))
        for title, names in (
            ("namespaces, with all in them", summary.namespaces),
            ("stored data", summary.stored),
            ("EKS clusters, with all in them", summary.clusters),
            ("hosted zones, with name servers", summary.zones),
        )
        if names
    ]
    rows += [
        (title, str(count), "")
        for title, count in (("networks", summary.networks), ("DNS records", summary.records))
        if count
    ]
    table(f"Removed with stack {stack}: {summary.resources} resources", ("WHAT", "COUNT", "NAMES"), rows)
    if summary.kept:
        say(f"stays in place, without its managed label: {listed(summary.kept)}")


def _protected(stack: str, urns: Sequence[str]) -> str:
    names = listed([urn.rpartition("::")[2] for urn in urns])
    return (
        f"nothing was removed: protected in stack {stack}: {names}. To remove it, set `deletionProtection: false` "
        f"in the config and run `fed up --stack {stack}`, or remove the protection in the state alone: "
        f"pulumi state unprotect --all --stack {stack}"
    )


def _confirm(stack: str, given: str) -> None:
    """``DestroyNotConfirmedError`` unless the stack's name was given, or is typed now."""
    if not given and not sys.stdin.isatty():
        raise DestroyNotConfirmedError(f"nothing was removed: without a terminal, confirm with --yes-destroy {stack}")
    typed = given or typer.prompt(f"This cannot be undone. Type the stack's name ({stack}) to destroy it", err=True)
    if typed != stack:
        raise DestroyNotConfirmedError(f'nothing was removed: "{typed}" is not the name of the stack, {stack}')


def _destroy_stacks(context: _StackToDestroy, deployments: Mapping[str, Mapping[str, Any]]) -> int:
    """Destroy each stack of ``deployments`` in turn, and return the first exit code that is not 0.

    A member's cluster stays while its objects are not removed.
    """
    # Imported here because AWS's client takes long to load.
    from federation.operations.recovery import recovery

    codes: dict[str, int] = {}
    for name, deployment in deployments.items():
        if codes.get(objects := f"{name}.{APPS}"):
            say(f"stack {name} is kept: {objects} is not removed completely")
            continue
        recovery.recover_stack(replace(context.stack, name=name), context.plan, say)
        codes[name] = _destroy(context, name, destruction.summarise(deployment))
    return next(filter(None, codes.values()), 0)


def _destroy(context: _StackToDestroy, name: str, summary: DestructionSummary) -> int:
    """Run `pulumi destroy` of the stack ``name`` and return its exit code. One member's failure keeps none of the
    others."""
    stack = context.stack
    run = ["pulumi", "destroy", "--stack", name, "--yes", "--skip-preview"]
    # A program that only removes does not need the config checked against the types in Pulumi.yaml.
    run += ["--run-program", "--skip-config-validation"] if summary.needs_program else []
    # Without a reason for it the program does not run, whatever the caller's environment says: it would judge the plan.
    environment = {**os.environ, "PULUMI_CONTINUE_ON_ERROR": "true", "PULUMI_RUN_PROGRAM": "false"}
    needs_own_run = summary.needs_program or context.has_no_plan
    with destroy_program.prepare_destroy_run(stack.root, stack.name) if needs_own_run else nullcontext() as own:
        if own is not None:
            run += own.options
            environment |= own.environment
        elif name != stack.name:
            run += ["--config-file", str(cell_stacks.config_file(stack.name))]
        code = command_line.run(run, stack.root, environment)
    if code:
        say(f"stack {name} is not removed completely; see the output of pulumi above, and run `fed destroy` again")
        say("objects of a member that is lost for good are forgotten with PULUMI_K8S_DELETE_UNREACHABLE=true")
        return 128 - code if code < 0 else code
    say(f"stack {name} is empty now; `pulumi stack rm {name}` forgets its history as well")
    return 0
