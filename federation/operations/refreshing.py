"""Refresh a stack's state before an update, which then repairs what was changed or deleted by hand.

It is `pulumi refresh`, in its own run before `pulumi up`: the program of an update reads the state as it was when its
run began, and so plans by the refreshed state. Members that are quarantined or do not answer are left out, with their
clusters and networks: their regions get no request, and the state loses nothing of them.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lightkube import ApiError

from federation.components.clusters import api_client
from federation.operations.engine import command_line, engine_events, outputs
from federation.operations.update import SETTINGS
from federation.plan.changes.renames import Renames
from federation.plan.model.plan import Plan

__all__ = ["preview", "refresh"]


def refresh(root: Path, plan: Plan, say: Callable[[str], None]) -> int:
    """Run `pulumi refresh` of the stack of ``plan``, and return its exit code. ``say`` gets a line for each member that
    is left out."""
    left_out = _say_excluded(root, plan, say)
    return _refresh(root, plan, left_out, "--yes", "--skip-preview", "--suppress-outputs")


def preview(root: Path, plan: Plan, say: Callable[[str], None]) -> int:
    """Show what a refresh of the stack of ``plan`` and the update after it would do, and return the exit code.

    `pulumi preview --refresh` shows both together. It would leave members out of the update too, so with members to
    leave out the refresh is shown by itself.
    """
    command = ["pulumi", "preview", "--stack", plan.stack]
    left_out = _say_excluded(root, plan, say)
    if not left_out:
        return command_line.run([*command, "--refresh"], root, {**os.environ, **SETTINGS})
    if code := _refresh(root, plan, left_out, "--preview-only"):
        return code
    say(f"stack {plan.stack}: the update follows, by the present state; it also repairs what the refresh shows")
    return command_line.run(command, root, os.environ)


def _refresh(root: Path, plan: Plan, left_out: Mapping[str, str], *options: str) -> int:
    command = ["pulumi", "refresh", *options, "--stack", plan.stack]
    for urn in _urns(root, plan, left_out) if left_out else ():
        command += ["--exclude", urn]
    return command_line.run(command, root, {**os.environ, **SETTINGS})


def _say_excluded(root: Path, plan: Plan, say: Callable[[str], None]) -> Mapping[str, str]:
    left_out = _excluded(root, plan)
    for name, why in left_out.items():
        say(f"{name} {why}; its state is not refreshed")
    return left_out


def _excluded(root: Path, plan: Plan) -> Mapping[str, str]:
    """By member, why its state is not refreshed."""
    quarantined = {member.name: "is quarantined" for member in plan.members if not member.available}
    try:
        kubeconfigs = outputs.read_outputs(root, plan.stack).kubeconfigs
    except outputs.OutputsUnavailableError:
        return quarantined  # no update has finished yet
    available = [name for name in kubeconfigs if name not in quarantined]
    with ThreadPoolExecutor(max_workers=max(1, len(available))) as pool:
        failures = pool.map(lambda name: _failure(kubeconfigs[name]), available)
    unreachable = {name: failure for name, failure in zip(available, failures, strict=True) if failure}
    return dict(sorted({**quarantined, **unreachable}.items()))


def _failure(kubeconfig: str) -> str:
    try:
        api_client.client(kubeconfig, api_client.PROBE_SECONDS).get(
            api_client.resource("v1", "Namespace", namespaced=False), "kube-system"
        )
    except ApiError:
        return ""  # a refusal is an answer
    except api_client.FAULTS as error:
        return api_client.failure(error)
    return ""


def _urns(root: Path, plan: Plan, members: Iterable[str]) -> Iterator[str]:
    """The URNs of ``members`` in the state: one pattern for the many objects of each, the rest by name."""
    names = {member.name for member in plan.members}.union(members)
    former = dict(Renames.from_config(plan).pairs)
    deployment = json.loads(command_line.query(root, "stack", "export", "--stack", plan.stack)).get("deployment") or {}
    yield from (f"**::{name}/**" for name in members)
    for each in deployment.get("resources") or ():
        urn = str(each["urn"])
        name = engine_events.owner(urn, sorted(names), former)
        if name in members and not urn.rpartition("::")[2].startswith(f"{name}/"):
            yield urn
