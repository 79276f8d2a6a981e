"""How is the work of a Job divided over the members?

``totalReplicas`` of its preference divides ``spec.parallelism``; a member that gets 0 has no Job, since one with
parallelism 0 would never end. ``spec.completions``, where the template has it, is work that must not get lost. So it
is divided in a run of its own over the members that have a Job: by the same weights, at least 1 each, without a maximum
(a maximum says how many pods may run at once, not how many in the end). Where all weights are 0, the pods that each
member got are the weights. An override of the completions holds in its member, as an autoscaler's does, and takes
nothing from the others' shares: KubeFed's preference takes the place of no override but that of the replicas.
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
    roster: Members,
    findings: Findings,
) -> Scheduled:
    """``scheduled`` with both fields set by member, and with the members that get no Job ``absent``."""
    landed = scheduled.distribution.landed
    takers = [name for name in scheduled.selection.members if landed.get(name)]
    total = _completions(document)
    work = None if total is None else _work(total, takers, preference, scheduled.distribution, document.key, roster)
    held = {} if work is None else _held(document, takers, roster)
    idle = [name for name in takers if work is not None and not work.replicas[name] and name not in held]
    if work is not None:
        _report(document, work, idle, findings)
    shares = {} if work is None else {name: count for name, count in work.replicas.items() if name not in held}
    settled = {
        name: {PARALLELISM_PATH: landed[name], **({COMPLETIONS_PATH: shares[name]} if name in shares else {})}
        for name in takers
        if name not in idle
    }
    return replace(
        scheduled,
        distribution=_explained(scheduled.distribution, settled, work, idle, held),
        settled=settled,
        absent=frozenset(name for name in landed if name not in settled),
    )


def _completions(document: FederatedObject) -> int | None:
    count = mapping(document.template.get("spec")).get("completions")
    return count if type(count) is int and count >= 0 else None


def _held(document: FederatedObject, takers: list[str], roster: Members) -> dict[str, str]:
    """By member, the last override that says how much it is to complete, as people read it."""
    entries, held = Entries(document.overrides), {}
    for name in takers:
        for path, operation in entries.operations(roster.members[name]):
            # The whole spec without completions says nothing of its own, but takes away what an override has said.
            says_so = "completions" in mapping(operation.value) or name in held
            if operation.path == COMPLETIONS_PATH or (operation.path == "/spec" and says_so):
                held[name] = f"an override of {operation.path} ({document.source.place(*path)})"
    return held


def _work(
    total: int,
    takers: list[str],
    preference: ReplicaSchedulingPreference,
    pods: Distribution,
    key: str,
    roster: Members,
) -> Distribution:
    weights = {name: entry.weight for name, (_, entry) in distribute.preferences_of(preference, takers).items()}
    if not any(weights.values()):
        weights = {name: pods.landed[name] for name in takers}
    asked = replace(
        preference,
        total_replicas=total,
        clusters={name: ClusterPreference(min_replicas=1, weight=weight) for name, weight in weights.items()},
        rebalance=True,
    )
    return distribute.distribute(asked, takers, key=key, originals=roster.originals)


def _explained(
    pods: Distribution,
    settled: dict[str, dict[str, int]],
    work: Distribution | None,
    idle: list[str],
    held: dict[str, str],
) -> Distribution:
    """The division of the pods with what the completions made of it: pods without work are not placed."""
    reasons = {name: [*lines] for name, lines in pods.reasons.items()}
    for name, lines in reasons.items():
        if work is not None and name in work.replicas:
            asked = sum(work.replicas.values()) + work.unplaced
            lines.append(f"completions {asked} divided by weight, at least 1 each -> {work.replicas[name]}")
            lines += work.reasons[name][1:]
            lines += [f"{held[name]} holds in place of {work.replicas[name]}"] if name in held else []
        lines.append(_REPLACED if name in settled else _NO_WORK if name in idle else _NO_JOB)
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
