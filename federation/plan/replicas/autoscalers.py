"""Divide a HorizontalPodAutoscaler over the members when a preference divides the workload that it scales.

An autoscaler sees only its own cluster: with the template's ``maxReplicas`` in each of three members, there could be
three times as many replicas as requested. So the same preference that divides the replicas also divides ``maxReplicas``
and ``minReplicas``. A member whose share is 0 gets no autoscaler, and no replicas either, since nothing would scale
them. In all other members the workload starts with the preference's number, and the autoscaler owns it from then on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from federation.api.model.federated import FederatedObject
from federation.api.model.members import Member
from federation.api.model.scheduling import ClusterPreference, ReplicaSchedulingPreference
from federation.errors.source import PathKey
from federation.plan.model.findings import Findings
from federation.plan.model.plan import Distribution, Operation
from federation.plan.model.trees import mapping
from federation.plan.overrides.operations import Overrides
from federation.plan.replicas import distribute
from federation.plan.replicas.distribute import WorkloadState

__all__ = ["MAXIMUM_PATH", "MINIMUM_PATH", "Autoscaled", "divide", "initial", "target_of"]

MAXIMUM_PATH: Final = "/spec/maxReplicas"
MINIMUM_PATH: Final = "/spec/minReplicas"

_SPEC: Final[PathKey] = ("spec", "template", "spec")
# An empty mapping would mean every member.
_NO_PREFERENCES: Final[Mapping[str, ClusterPreference]] = {"": ClusterPreference()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoscaled:
    """By member: the numbers for its manifest by path, the fewest replicas, and why.

    ``fewest`` has the members with an autoscaler; ``without`` are those whose share is 0.
    """

    computed: Mapping[str, Mapping[str, int]]
    fewest: Mapping[str, int]
    without: tuple[str, ...]
    reasons: Mapping[str, tuple[str, ...]]


def target_of(document: FederatedObject) -> tuple[str, str, str] | None:
    """Kind, namespace and name of the workload that the autoscaler's template names; ``None`` for other kinds, and
    without a ``maxReplicas`` to divide."""
    if document.target.kind != "HorizontalPodAutoscaler" or _count(document, "maxReplicas") is None:
        return None
    target = mapping(mapping(document.template.get("spec")).get("scaleTargetRef"))
    return (str(target.get("kind")), document.namespace, str(target.get("name")))


def divide(
    overrides: Overrides, members: Sequence[Member], preference: ReplicaSchedulingPreference, findings: Findings
) -> Autoscaled:
    """Divide an autoscaler, with its ``overrides``, over ``members`` that get both it and the preference's workload.

    An override of one of the two numbers applies in its member, and takes nothing from the others' shares.
    """
    division = _AutoscalerDivision(document=overrides.document, preference=preference, findings=findings)
    return division.divide(overrides, members)


def initial(distribution: Distribution, scaler: FederatedObject, scaled: Autoscaled) -> Distribution:
    """The replicas that each member starts with, for a workload whose autoscaler is divided too.

    A member without an autoscaler starts with none. Where the preference gives 0, the member starts with the
    autoscaler's minimum, since an autoscaler does nothing for a workload with 0 replicas.
    """
    counts, reasons, assigned = dict(distribution.replicas), dict(distribution.reasons), distribution.assigned
    shown = f"HorizontalPodAutoscaler {scaler.name} ({scaler.source.place()})"
    for name in scaled.without:
        counts[name] = 0
        reasons[name] = (*reasons[name], f"{shown} gets maxReplicas 0 here: no replicas -> 0")
    for name, fewest in scaled.fewest.items():
        if not assigned[name]:
            counts[name] = fewest
            reasons[name] = (*reasons[name], f"an autoscaler does not start from 0: its minReplicas -> {fewest}")
        reasons[name] = (*reasons[name], f"{shown} has the replicas from here on")
    placed = sum(counts.values()) - sum(distribution.replicas.values())
    return replace(
        distribution,
        replicas=counts,
        overflow={name: count for name, count in distribution.overflow.items() if name not in scaled.without},
        unplaced=max(0, distribution.unplaced - placed),
        reasons=reasons,
    )


def _count(document: FederatedObject, name: str) -> int | None:
    return _number(mapping(document.template.get("spec")).get(name))


def _number(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _number_left(operation: Operation, name: str) -> int | None:
    """The number that an override leaves in the field ``name``; ``None`` where it leaves no number."""
    if operation.op == "remove":
        return None
    value = operation.value
    return _number(mapping(value).get(name) if operation.path == "/spec" else value)


@dataclass(slots=True, kw_only=True)
class _AutoscalerDivision:
    """The division of one autoscaler, member by member."""

    document: FederatedObject
    preference: ReplicaSchedulingPreference
    findings: Findings
    computed: dict[str, dict[str, int]] = field(default_factory=dict)
    fewest: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, list[str]] = field(default_factory=dict)
    written: dict[tuple[str, str], Operation] = field(default_factory=dict)
    originals: dict[str, str] = field(default_factory=dict)

    def divide(self, overrides: Overrides, members: Sequence[Member]) -> Autoscaled:
        self.originals = {member.name: member.original_name for member in members}
        for member in members:
            for operation in overrides.derived(member).operations:
                for field_path in (MAXIMUM_PATH, MINIMUM_PATH):
                    if operation.path in {field_path, "/spec"}:
                        self.written[member.name, field_path] = operation
        most = self._highest([member.name for member in members])
        without = tuple(name for name, count in most.items() if not count)
        for name in without:
            self.computed[name] = {}
            self.reasons[name].append("maxReplicas 0: no autoscaler here, and no replicas")
        self._lowest({name: count for name, count in most.items() if count})
        return Autoscaled(
            computed=self.computed,
            fewest=self.fewest,
            without=without,
            reasons={name: tuple(lines) for name, lines in self.reasons.items()},
        )

    def _highest(self, names: list[str]) -> dict[str, int]:
        """``maxReplicas`` by member, 0 included."""
        total = _count(self.document, "maxReplicas") or 0
        request = replace(self.preference, total_replicas=total, rebalance=True)
        shares = distribute.distribute(request, names, self._state)
        place = self.preference.source.place("spec")
        for name, share in shares.replicas.items():
            line = f"maxReplicas {total} divided by ReplicaSchedulingPreference {self._key} ({place}) -> {share}"
            self.reasons[name] = [*shares.reasons[name], line]
            self.computed[name] = {}
        self._check(total, shares)
        return {name: self._assign(name, MAXIMUM_PATH, share) or 0 for name, share in shares.replicas.items()}

    @property
    def _state(self) -> WorkloadState:
        return WorkloadState(key=self._key, originals=self.originals)

    @property
    def _key(self) -> str:
        return f"{self.preference.namespace}/{self.preference.name}"

    def _check(self, total: int, shares: Distribution) -> None:
        lowest = _count(self.document, "minReplicas") or 0
        if lowest > total:
            message = f"minReplicas {lowest} is more than maxReplicas {total}"
            self.findings.error(self.document.source, (*_SPEC, "minReplicas"), message, "make it the smaller one")
        if shares.unplaced:
            message = f"{shares.unplaced} of maxReplicas {total} find no place: no member with a weight may have more"
            remedy = "raise maxReplicas of the ReplicaSchedulingPreference, give a weight, or lower this maxReplicas"
            self.findings.warning(self.document.source, (*_SPEC, "maxReplicas"), message, remedy)

    def _assign(self, name: str, path: str, share: int) -> int | None:
        """Set one number of one member, unless an override replaces it; return the final number."""
        written = self.written.get((name, path))
        if written is None:
            self.computed[name][path] = share
            return share
        self.reasons[name].append(f"an override of {written.path} ({written.written}) holds in place of {share}")
        return _number_left(written, path.rpartition("/")[2])

    def _lowest(self, most: Mapping[str, int]) -> None:
        """``minReplicas`` of the members that have an autoscaler: at least 1, and never above its ``maxReplicas``."""
        total = _count(self.document, "minReplicas")
        shares = None if total is None else self._divide_lowest(total, most)
        for name, high in most.items():
            low = 1
            if shares is not None:
                low = max(1, shares.replicas[name])
                self.reasons[name] += shares.reasons[name][1:]
                self.reasons[name].append(f"minReplicas {total} divided likewise, from 1 to {high} -> {low}")
            if shares is not None or (name, MINIMUM_PATH) in self.written:
                low = self._assign(name, MINIMUM_PATH, low) or 0
            self._keep_order(name, low, high)
            self.fewest[name] = max(1, low)

    def _divide_lowest(self, total: int, most: Mapping[str, int]) -> Distribution:
        entries = {
            name: ClusterPreference(
                weight=entry.weight, min_replicas=min(max(1, entry.min_replicas), most[name]), max_replicas=most[name]
            )
            for name, (_, entry) in distribute.preferences_of(self.preference, list(most)).items()
        }
        request = replace(self.preference, total_replicas=total, clusters=entries or _NO_PREFERENCES, rebalance=True)
        return distribute.distribute(request, list(most), self._state)

    def _keep_order(self, name: str, low: int, high: int) -> None:
        """Raise the share of ``maxReplicas`` to an override of ``minReplicas``; two that contradict are an error."""
        if low <= high:
            return
        if (name, MAXIMUM_PATH) not in self.written:
            self.computed[name][MAXIMUM_PATH] = low
            self.reasons[name].append(f"maxReplicas is raised to the minReplicas of that override -> {low}")
            return
        path = self.written[name, MINIMUM_PATH].at
        message = f"the overrides make minReplicas {low}, which is more than maxReplicas {high}"
        self.findings.in_member(name).error(self.document.source, path, message, "make it the smaller one")
