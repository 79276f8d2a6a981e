"""Put right before an update what a killed run has left.

A killed engine leaves its lock, plugins that still run, and operations of which nobody knows how they ended. Each is
cleared only when that is known to be safe: a lock when its process is gone from this very host, a plugin when its
engine is, an open creation when the next update finds the same thing again or nothing is there. What is not safe is
named, with what to do, and left alone.
"""

import json
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federation.api import loading
from federation.errors import FederationError
from federation.plan.changes.renames import Renames
from federation.plan.result import Plan
from stacks import engine, leftover_plugins, locks, lookup, pending, torn
from stacks.pending import Operation

__all__ = ["LockedError", "UnresolvedError", "Verdict", "judge", "prepare", "report", "unlock"]

Say = Callable[[str], None]
NO_STACK = "no stack named"


class LockedError(FederationError):
    """Another run holds the stack, or may hold it."""


class UnresolvedError(FederationError):
    """Something stands on AWS, or may stand there, that the state does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is known of one open operation; ``is_safe`` says whether the next update may go on without further ado."""

    operation: Operation
    text: str
    is_safe: bool = True

    def __str__(self) -> str:
        return f"{self.operation}: {self.text}"


def prepare(root: Path, stack: str, plan: Plan, say: Say, *, change: bool = True) -> None:
    """Make the stack ready for an update, or (``change=False``) only say what stands in its way.

    Raises ``LockedError`` and ``UnresolvedError``; and ``engine.EngineError`` when `pulumi` cannot be asked.
    """
    unlock(root, stack, say, change=change)
    deployment = _deployment(root, stack, create=change)
    verdicts = [judge(each, plan, pending.known_ids(deployment)) for each in pending.operations(deployment)]
    report(verdicts, stack, say)
    if change and any(verdict.operation.is_creation for verdict in verdicts):
        _clear(root, stack, pending.stack_urn(deployment), say)


def unlock(root: Path, stack: str, say: Say, *, change: bool = True) -> None:
    """End the plugins and remove the locks of runs that are gone from this host. ``LockedError`` for any other lock.

    Locks are looked for in file backends only. Pulumi itself refuses to update a stack that is locked in another one.
    """
    project = _project(root)
    folder = locks.folder_of(_backend(root), root)
    found = locks.held(folder, project, stack) if folder else ()
    for lock in found:
        state = locks.holder(lock)
        if state is not locks.Holder.GONE:
            if change:
                raise LockedError(_locked(lock, state, stack))
            say(_locked(lock, state, stack))
            return
    # Plugins and files come before the locks: as long as those are there no other engine starts.
    _end_plugins(project, stack, say, change=change)
    if folder and change and (mended := torn.mend(folder, project, stack, is_alone=bool(found))):
        say(f"stack {stack}: removed {', '.join(mended)}, left half-written; the state itself is whole")
    for lock in found:
        if change:
            locks.remove(lock)
            say(f"stack {stack}: cleared the lock of {lock}, which was killed: that process is gone")
        else:
            say(f"stack {stack}: the lock of {lock} is left of a killed run; `fed up` clears it")


def _end_plugins(project: str, stack: str, say: Say, *, change: bool) -> None:
    left = leftover_plugins.find(project)
    ours, others = ([each for each in left if each.is_ours is mine] for mine in (True, False))
    if others:
        named = ", ".join(map(str, others))
        say(f"a killed run of another backend has left running: {named}; they are left alone")
    if ours:
        named = ", ".join(map(str, ours))
        does = "ending it" if change else "`fed up` ends it"
        say(f"stack {stack}: a killed run has left running: {named}; {does}")
    if change:
        leftover_plugins.end(ours)


def judge(operation: Operation, plan: Plan, known: Collection[str]) -> Verdict:
    """What may have come of ``operation``; ``known`` are the ids in the state. Asks AWS where it has to."""
    if not operation.is_creation:
        return Verdict(operation=operation, text="the next update takes it up again")
    match operation.package:
        case "":
            return Verdict(operation=operation, text="exists in the state only; made again")
        case "kubernetes":
            return Verdict(operation=operation, text=_in_member(operation, plan))
        case "aws":
            return _on_aws(operation, known)
    return Verdict(operation=operation, text="cannot be looked for; look for it by hand", is_safe=False)


def report(verdicts: Sequence[Verdict], stack: str, say: Say) -> None:
    """Name every open operation. ``UnresolvedError`` when one of them must be seen to first."""
    if not verdicts:
        return
    say(f"stack {stack}: the last run was killed in the midst of {len(verdicts)} operations:")
    for verdict in verdicts:
        say(f"  {verdict}")
    unsafe = [verdict for verdict in verdicts if not verdict.is_safe]
    if unsafe:
        raise UnresolvedError(
            f"nothing was updated: {len(unsafe)} of them may stand without the state's knowing, and would be made a "
            f"second time. See to what is named above, then run `fed up --stack {stack}` again. When you know of one "
            "that could not be looked for that it is not there, "
            f"pulumi refresh --stack {stack} --clear-pending-creates --skip-preview --yes"
        )


def _locked(lock: locks.Lock, state: locks.Holder, stack: str) -> str:
    again = f"then run `fed up --stack {stack}` again"
    if state is locks.Holder.RUNS:
        return (
            f"stack {stack} is being updated by {lock}, which runs on this host; wait for it, or end it in good order "
            f"(kill -INT {lock.pid}), {again}"
        )
    return (
        f"stack {stack} is locked by {lock}; whether that run is still alive cannot be seen from this host. When you "
        f"are sure that it is not: pulumi cancel --stack {stack} --yes, {again}"
    )


def _in_member(operation: Operation, plan: Plan) -> str:
    present = Renames.of(plan)
    member, name = present.member(operation.member), present.logical_name(operation.name)
    slices = {each.name: each for each in plan.members}
    if member not in slices:
        return f"may stand in {member}, which is no member any more; if that has a new name: formerNames: [{member}]"
    if not slices[member].available:
        return f"may stand in {member}, which is held; found there by its name when it is back"
    if any(each.logical_name == name for each in slices[member].objects):
        return f"may stand in {member} already; it is found there by its name and taken over"
    metadata = operation.inputs.get("metadata") or {}
    where = f" -n {metadata['namespace']}" if metadata.get("namespace") else ""
    delete = f"kubectl --context {member}{where} delete {operation.inputs.get('kind', '')} {metadata.get('name', '')}"
    return f"may stand in {member}, and no document has it any more; if it is there: {delete}"


def _on_aws(operation: Operation, known: Collection[str]) -> Verdict:
    if lookup.is_repeatable(operation):
        return Verdict(operation=operation, text="may stand on AWS already; making it again gives the same one")
    if lookup.is_refused_twice(operation):
        text = "may stand on AWS already; AWS refuses a second one, so if the update says so, remove the first"
        return Verdict(operation=operation, text=text)
    if not lookup.can_find(operation):
        return Verdict(operation=operation, text="cannot be looked for on AWS; look for it by hand", is_safe=False)
    try:
        found = [each for each in lookup.find(operation) if each not in known]
    except lookup.SearchFailedError as error:
        return Verdict(operation=operation, text=f"AWS does not say whether it is there: {error}", is_safe=False)
    if not found:
        return Verdict(operation=operation, text="is not on AWS; made again")
    removals = "; ".join(lookup.removal(operation, each) for each in found)
    text = f"stands on AWS as {', '.join(found)}, unknown to the state; remove it: {removals}"
    return Verdict(operation=operation, text=text, is_safe=False)


def _clear(root: Path, stack: str, urn: str, say: Say) -> None:
    """Have the engine forget open creations, by a refresh of the stack's own resource, which touches nothing."""
    target = ("--target", urn) if urn else ()
    arguments = ("--clear-pending-creates", "--skip-preview", "--yes", "--stack", stack)
    engine.ask(root, "refresh", *arguments, *target)
    say(f"stack {stack}: cleared the pending creations from the state")


def _deployment(root: Path, stack: str, *, create: bool) -> Mapping[str, Any]:
    """What the state holds of a stack; if there is none yet, it is made when it may be."""
    try:
        exported = engine.ask(root, "stack", "export", "--stack", stack)
    except engine.EngineError as error:
        if NO_STACK not in str(error):
            raise
        if create:
            engine.ask(root, "stack", "select", "--create", stack)
        return {}
    deployment: Mapping[str, Any] = json.loads(exported).get("deployment") or {}
    return deployment


def _backend(root: Path) -> str:
    """The URL of the backend; what the environment says wins, as it does in Pulumi."""
    return os.environ.get("PULUMI_BACKEND_URL") or str(engine.ask_json(root, "whoami", "--json")["url"])


def _project(root: Path) -> str:
    tree, _ = loading.read_mapping(root / "Pulumi.yaml", root=root)
    return str(tree.get("name", ""))
