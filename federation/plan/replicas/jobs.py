"""Divide the work of a Job over the members.

``totalReplicas`` of its preference divides ``spec.parallelism``. A member that gets 0 has no Job, since a Job with
parallelism 0 would never end.

``spec.completions``, where the template has it, is work that must not get lost. It is divided separately over the
members that have a Job: by the same weights, at least 1 each, and without a maximum, since a maximum limits how many
pods run at once and not how many run in the end. Where all weights are 0, the pods of each member are the weights.

An override of the completions applies in its member, as an autoscaler's does, and takes nothing from the others'
shares: KubeFed's preference replaces no override except that of the replicas.
"""

from dataclasses import replace
from typing import Final

from federation.api.model.federated import FederatedObject
from federation.api.model.scheduling import ClusterPreference, ReplicaSchedulingPreference
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.model.plan import Distribution
from federation.plan.model.trees import mapping
from federation.plan.overrides.operations import Entries
from federation.plan.replicas import distribute
from federation.plan.replicas.preference import Scheduled

__all__ = ["COMPLETIONS_PATH", "PARALLELISM_PATH", "divided"]

PARALLELISM_PATH: Final = "/spec/parallelism"
COMPLETIONS_PATH: Final = "/spec/completions"

_NO_JOB: Final = "0 pods: no Job here"
_NO_WORK: Final = "nothing is left to complete: no Job here"
_REPLACED: Final = "parallelism, completions, selector and pod template of a Job are fixed: a change replaces the Job"


def divided(
    preference: ReplicaSchedulingPreference,
    document: FederatedObject,
    scheduled: Scheduled,
    members: Members,
    findings: Findings,
) -> Scheduled:
    """``scheduled`` with both fields set by member, and with the members that get no Job ``absent``."""
    assigned = scheduled.distribution.assigned
    takers = [name for name in scheduled.selection.members if assigned.get(name)]
    total = _completions(document)
    work = None if total is None else _work(total, takers, preference, scheduled.distribution, document.key, members)
    overridden = {} if work is None else _overridden(document, takers, members)
    idle = [name for name in takers if work is not None and not work.replicas[name] and name not in overridden]
    if work is not None:
        _report(document, work, idle, findings)
    shares = {} if work is None else {name: count for name, count in work.replicas.items() if name not in overridden}
    computed = {
        name: {PARALLELISM_PATH: assigned[name], **({COMPLETIONS_PATH: shares[name]} if name in shares else {})}
        for name in takers
        if name not in idle
    }
    return replace(
        scheduled,
        distribution=_explained(scheduled.distribution, computed, work, idle, overridden),
        computed=computed,
        absent=frozenset(name for name in assigned if name not in computed),
    )


def _completions(document: FederatedObject) -> int | None:
    count = mapping(document.template.get("spec")).get("completions")
    return count if type(count) is int and count >= 0 else None


def _overridden(document: FederatedObject, takers: list[str], members: Members) -> dict[str, str]:
    """The last override of the completions, worded for people, by member."""
    entries, overridden = Entries(document.overrides), {}
    for name in takers:
        for path, operation in entries.operations(members.members[name]):
            # A whole spec without completions sets none, but removes the number of an earlier override.
            affects = "completions" in mapping(operation.value) or name in overridden
            if operation.path == COMPLETIONS_PATH or (operation.path == "/spec" and affects):
                overridden[name] = f"an override of {operation.path} ({document.source.place(*path)})"
    return overridden


def _work(
    total: int,
    takers: list[str],
    preference: ReplicaSchedulingPreference,
    pods: Distribution,
    key: str,
    members: Members,
) -> Distribution:
    weights = {name: entry.weight for name, (_, entry) in distribute.preferences_of(preference, takers).items()}
    if not any(weights.values()):
        weights = {name: pods.assigned[name] for name in takers}
    request = replace(
        preference,
        total_replicas=total,
        clusters={name: ClusterPreference(min_replicas=1, weight=weight) for name, weight in weights.items()},
        rebalance=True,
    )
    return distribute.distribute(request, takers, key=key, originals=members.originals)


def _explained(
    pods: Distribution,
    computed: dict[str, dict[str, int]],
    work: Distribution | None,
    idle: list[str],
    overridden: dict[str, str],
) -> Distribution:
    """The division of the pods, changed by that of the completions: pods without work are not placed."""
    reasons = {name: [*lines] for name, lines in pods.reasons.items()}
    for name, lines in reasons.items():
        if work is not None and name in work.replicas:
            total = sum(work.replicas.values()) + work.unplaced
            lines.append(f"completions {total} divided by weight, at least 1 each -> {work.replicas[name]}")
            lines += work.reasons[name][1:]
            lines += [f"{overridden[name]} holds in place of {work.replicas[name]}"] if name in overridden else []
        lines.append(_REPLACED if name in computed else _NO_WORK if name in idle else _NO_JOB)
    return replace(
        pods,
        replicas={name: 0 if name in idle else count for name, count in pods.replicas.items()},
        overflow={name: count for name, count in pods.overflow.items() if name not in idle},
        unplaced=pods.unplaced + sum(pods.replicas[name] for name in idle),
        reasons={name: tuple(lines) for name, lines in reasons.items()},
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
