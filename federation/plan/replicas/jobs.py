"""Divide the work of a Job over the members.

``totalReplicas`` of its preference divides ``spec.parallelism``. A member that gets 0 has no Job, since a Job with
parallelism 0 would never end.

``spec.completions``, where the template has it, is work that must not get lost. It is divided separately over the
members that have a Job: by the same weights, at least 1 each, and without a maximum, since a maximum limits how many
pods run at once and not how many run in the end. Where all weights are 0, the pods of each member are the weights.

An override of the completions applies in its member, as an autoscaler's does, and takes nothing from the others'
shares: KubeFed's preference replaces no override except that of the replicas.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from federation.api.model.federated import FederatedObject
from federation.api.model.scheduling import ClusterPreference
from federation.plan.model.context import Context
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.model.plan import Distribution
from federation.plan.model.trees import mapping
from federation.plan.overrides.operations import Overrides
from federation.plan.replicas import distribute
from federation.plan.replicas.distribute import WorkloadState
from federation.plan.replicas.preference import Scheduled
from federation.plan.replicas.prepared import PreparedDocument

__all__ = ["COMPLETIONS_PATH", "PARALLELISM_PATH", "divide"]

PARALLELISM_PATH: Final = "/spec/parallelism"
COMPLETIONS_PATH: Final = "/spec/completions"

_NO_JOB: Final = "0 pods: no Job here"
_NO_WORK: Final = "nothing is left to complete: no Job here"
_REPLACED: Final = "parallelism, completions, selector and pod template of a Job are fixed: a change replaces the Job"


def divide(prepared: PreparedDocument, scheduled: Scheduled, context: Context) -> Scheduled:
    """``scheduled`` with both fields set by member, and with the members that get no Job ``absent``."""
    document, assigned = prepared.document, scheduled.distribution.assigned
    takers = [name for name in scheduled.selection.members if assigned.get(name)]
    total = _completions(document)
    pods = {name: assigned[name] for name in takers}
    work = None if total is None else _divide_work(total, pods, prepared, context.members)
    overridden = {} if work is None else _overridden(prepared.overrides, takers, context.members)
    idle = [name for name in takers if work is not None and not work.replicas[name] and name not in overridden]
    if work is not None:
        _report(document, work, idle, context.findings)
    shares = {} if work is None else {name: count for name, count in work.replicas.items() if name not in overridden}
    computed = {
        name: {PARALLELISM_PATH: assigned[name], **({COMPLETIONS_PATH: shares[name]} if name in shares else {})}
        for name in takers
        if name not in idle
    }
    return replace(
        scheduled,
        distribution=_without_idle(scheduled.distribution, _lines(work, overridden), computed.keys(), idle),
        computed=computed,
        absent=frozenset(name for name in assigned if name not in computed),
    )


def _completions(document: FederatedObject) -> int | None:
    count = mapping(document.template.get("spec")).get("completions")
    return count if type(count) is int and count >= 0 else None


def _overridden(overrides: Overrides, takers: list[str], members: Members) -> dict[str, str]:
    """The last override of the completions, worded for people, by member."""
    overridden: dict[str, str] = {}
    for name in takers:
        for operation in overrides.derived(members.by_name[name], PARALLELISM_PATH).operations:
            # A whole spec without completions sets none, but removes the number of an earlier override.
            affects = "completions" in mapping(operation.value) or name in overridden
            if operation.path == COMPLETIONS_PATH or (operation.path == "/spec" and affects):
                overridden[name] = f"an override of {operation.path} ({operation.written})"
    return overridden


def _divide_work(
    total: int, pods: Mapping[str, int], prepared: PreparedDocument, members: Members
) -> Distribution | None:
    """The completions by member; ``pods`` has the members that get some."""
    preference, takers = prepared.preference, list(pods)
    if preference is None:
        return None
    weights = {name: entry.weight for name, (_, entry) in distribute.preferences_of(preference, takers).items()}
    if not any(weights.values()):
        weights = dict(pods)
    request = replace(
        preference,
        total_replicas=total,
        clusters={name: ClusterPreference(min_replicas=1, weight=weight) for name, weight in weights.items()},
        rebalance=True,
    )
    return distribute.distribute(request, takers, WorkloadState(key=prepared.document.key, originals=members.originals))


def _lines(work: Distribution | None, overridden: Mapping[str, str]) -> Mapping[str, list[str]]:
    """The reasons for the completions, by member."""
    if work is None:
        return {}
    total = sum(work.replicas.values()) + work.unplaced
    return {
        name: [
            f"completions {total} divided by weight, at least 1 each -> {count}",
            *work.reasons[name][1:],
            *([f"{overridden[name]} holds in place of {count}"] if name in overridden else []),
        ]
        for name, count in work.replicas.items()
    }


def _without_idle(
    pods: Distribution, lines: Mapping[str, list[str]], with_job: Collection[str], idle: list[str]
) -> Distribution:
    """The division of the pods with the ``lines`` of the completions: pods in ``idle`` members are not placed."""
    reasons = {}
    for name, before in pods.reasons.items():
        last = _REPLACED if name in with_job else _NO_WORK if name in idle else _NO_JOB
        reasons[name] = (*before, *lines.get(name, ()), last)
    return replace(
        pods,
        replicas={name: 0 if name in idle else count for name, count in pods.replicas.items()},
        overflow={name: count for name, count in pods.overflow.items() if name not in idle},
        unplaced=pods.unplaced + sum(pods.replicas[name] for name in idle),
        reasons=reasons,
    )


def _report(document: FederatedObject, work: Distribution, idle: list[str], findings: Findings) -> None:
    path = ("spec", "template", "spec", "completions")
    if idle:
        total = sum(work.replicas.values())
        message = f"{total} completions are too few for {len(work.replicas)} members: no Job in {', '.join(idle)}"
        remedy = "raise completions, or give fewer members a weight"
        findings.warning(document.source, path, message, remedy)
    if mapping(document.template.get("spec")).get("completionMode") == "Indexed" and len(work.replicas) > 1:
        message = "completions of an Indexed Job are divided, and each member counts its indexes from 0"
        remedy = "tell the pods where they are, by an override with valueFrom: {cluster: name}, or run it in one member"
        findings.warning(document.source, (*path[:-1], "completionMode"), message, remedy)
