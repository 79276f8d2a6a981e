"""Clear what a killed run has left, before an update.

A killed engine leaves its lock, running plugins, and operations with an unknown result. Each is cleared only when that
is proven safe: a lock when its process is gone from this host, a plugin when its engine is gone, an open creation when
the next update finds the same resource or there is none. Anything else is reported with a remedy and left alone.
Nothing is judged while another run holds the stack, or may hold it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from federation.errors.fault import FederationError
from federation.operations.engine import backends, command_line, locks, processes
from federation.operations.project.settings import Stack
from federation.operations.recovery import corrupt_states, leftover_plugins, pending, verdicts
from federation.operations.recovery.verdicts import Verdict
from federation.plan.model.plan import Plan

__all__ = ["LockedError", "NoStackError", "UnresolvedError", "clear_locks", "recover_stack", "report_verdicts"]

Say = Callable[[str], None]


class LockedError(FederationError):
    """Another run holds the stack, or may hold it."""


class NoStackError(FederationError):
    """The stack does not exist in the backend."""


class UnresolvedError(FederationError):
    """A resource that is not in the state exists on AWS, or may exist there."""


def recover_stack(stack: Stack, plan: Plan | None, say: Say, *, change: bool = True, create: bool = False) -> None:
    """Make ``stack`` ready for an update, or (``change=False``) only report what blocks one.

    A stack that does not exist is made with ``create`` only. A stack that cannot be planned has no ``plan``. Raises
    ``LockedError``, ``NoStackError`` and ``UnresolvedError``; and ``EngineError`` when `pulumi` fails.
    """
    is_free = clear_locks(stack.root, stack.name, say, change=change)
    before = _deployment(stack, create=create and change)
    opened = pending.operations(before)
    if not opened:
        return
    if not is_free or not _is_free(stack, pending.stack_urn(before), change=change):
        say(f"stack {stack.name}: {len(opened)} operations are open; a running update has begun them, or a killed one")
        say("\n".join(f"  {each}" for each in opened))
        return
    # An operation that is open before and after the proof that the stack is free was left by a run that has ended.
    deployment = _deployment(stack, create=False)
    keys = {(each.doing, each.urn) for each in opened}
    left = [each for each in pending.operations(deployment) if (each.doing, each.urn) in keys]
    adopts = stack.federation.plan.adopt_resources == "Enabled"
    judged = [verdicts.judge_operation(each, plan, pending.known_ids(deployment), adopts=adopts) for each in left]
    report_verdicts(judged, stack.name, say)
    if change and any(verdict.operation.is_creation for verdict in judged):
        _clear(stack.root, stack.name, pending.stack_urn(deployment), say)


def _is_free(stack: Stack, urn: str, *, change: bool) -> bool:
    """Whether no run holds ``stack``, as proven now. Raises ``LockedError`` when an update finds one."""
    folder = backends.folder(stack.root)
    if folder:
        taken = locks.find_locks(folder, backends.project(stack.root), stack.name)
        if taken and change:
            raise LockedError(_locked(taken[0], locks.holder(taken[0]), stack.name))
        return not taken
    if not change:
        return False
    try:
        backends.take_lock(stack.root, stack.name, urn)
    except backends.LockUnavailableError as error:
        raise LockedError(
            f"stack {stack.name} has open operations, and Pulumi does not give its lock: {error}. Nothing was changed. "
            "Wait for the run that holds it; when you are sure that it was killed: "
            f"pulumi cancel --stack {stack.name} --yes, then run `fed up --stack {stack.name}` again"
        ) from None
    return True


def clear_locks(root: Path, stack: str, say: Say, *, change: bool = True) -> bool:
    """End the plugins and remove the locks of runs that are gone from this host.

    Returns whether the stack is free, as far as files show: only file backends are searched for locks. Raises
    ``LockedError`` for any other lock.
    """
    project, folder = backends.project(root), backends.folder(root)
    found = locks.find_locks(folder, project, stack) if folder else ()
    for lock in found:
        state = locks.holder(lock)
        if state is not locks.Holder.GONE:
            if change:
                raise LockedError(_locked(lock, state, stack))
            say(_locked(lock, state, stack))
            return False
    # Plugins and files come before the locks: while a lock exists, no other engine starts.
    _end_plugins(project, stack, say, change=change)
    if (
        folder
        and change
        and (removed := corrupt_states.remove_corrupt_files(folder, project, stack, is_alone=bool(found)))
    ):
        say(f"stack {stack}: removed {', '.join(removed)}, left incomplete; the state itself is complete")
    for lock in found:
        if change:
            locks.remove_lock(lock)
            say(f"stack {stack}: cleared the lock of {lock}, which was killed: that process is gone")
        else:
            say(f"stack {stack}: the lock of {lock} is left of a killed run; `fed up` clears it")
    return True


def _end_plugins(project: str, stack: str, say: Say, *, change: bool) -> None:
    left = leftover_plugins.find_plugins(project)
    ours, others = ([each for each in left if each.is_ours is mine] for mine in (True, False))
    if others:
        named = ", ".join(map(str, others))
        say(f"a killed run of another backend has left running: {named}; they are left alone")
    if ours:
        named = ", ".join(map(str, ours))
        does = "ending it" if change else "`fed up` ends it"
        say(f"stack {stack}: a killed run has left running: {named}; {does}")
    if change:
        leftover_plugins.end_plugins(ours)


def report_verdicts(judged: Sequence[Verdict], stack: str, say: Say) -> None:
    """Report every open operation. Raises ``UnresolvedError`` when a user must resolve one of them first."""
    if not judged:
        return
    say(f"stack {stack}: the last run was killed during {len(judged)} operations:")
    for verdict in judged:
        say(f"  {verdict}")
    unsafe = [verdict for verdict in judged if not verdict.is_safe]
    if unsafe:
        raise UnresolvedError(
            f"nothing was updated: {len(unsafe)} of them may exist without being in the state, and would be made a "
            f"second time. Check the resources that are named above, then run `fed up --stack {stack}` again. When you "
            "know that a resource which could not be searched for does not exist: "
            f"pulumi refresh --stack {stack} --clear-pending-creates --skip-preview --yes"
        )


def _locked(lock: locks.Lock, state: locks.Holder, stack: str) -> str:
    again = f"then run `fed up --stack {stack}` again"
    if state is locks.Holder.RUNS:
        end = f", or end it cleanly (kill -INT {lock.pid})" if locks.is_engine(lock) else ""
        return f"stack {stack} is being updated by {lock}, which runs on this host; wait for it{end}, {again}"
    alone = f" (or {processes.PRIVATE}=true, where no other host or container uses this backend)"
    return (
        f"stack {stack} is locked by {lock}; whether that run is still alive cannot be seen from this host or "
        f"container. When you are sure that it is not: pulumi cancel --stack {stack} --yes{alone}, {again}"
    )


def _clear(root: Path, stack: str, urn: str, say: Say) -> None:
    """Have the engine forget open creations, by a refresh of the stack's own resource, which touches nothing."""
    target = ("--target", urn) if urn else ()
    arguments = ("--clear-pending-creates", "--skip-preview", "--yes", "--stack", stack)
    command_line.query(root, "refresh", *arguments, *target)
    say(f"stack {stack}: cleared the pending creations from the state")


def _deployment(stack: Stack, *, create: bool) -> Mapping[str, Any]:
    """The deployment in a stack's state. A missing stack is made with ``create``, else ``NoStackError`` is raised."""
    root, name = stack.root, stack.name
    try:
        exported = command_line.query(root, "stack", "export", "--stack", name)
    except command_line.EngineError:
        there = _listed(root)
        if there is None or name in there:
            raise
        if not create:
            raise _no_stack(stack, there) from None
        command_line.query(root, "stack", "select", "--create", name)
        return {}
    deployment: Mapping[str, Any] = json.loads(exported).get("deployment") or {}
    return deployment


def _listed(root: Path) -> tuple[str, ...] | None:
    """The stacks that exist, ``None`` when Pulumi cannot list them."""
    try:
        return backends.existing(root)
    except command_line.EngineError:
        return None


def _no_stack(stack: Stack, there: Sequence[str]) -> NoStackError:
    project = backends.project(stack.root)
    return NoStackError(
        f"stack {stack.name} of project {project} does not exist in {backends.shown(backends.url(stack.root))} "
        f"(stacks of this project there: {', '.join(there) or 'none'}). Nothing was changed. If it is in another "
        "backend: pulumi login URL, or PULUMI_BACKEND_URL. If it is a new one: "
        f"fed up --create --stack {stack.name}"
    )
