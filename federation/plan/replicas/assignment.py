"""Assign replicas: one value for each document and member, with the owner of the number and the reasons.

Preferences, Jobs, autoscalers, conflicts with overrides and ownership are decided here, in this order, and in no other
place. Manifests take their numbers from the result. DNS weights, tables, explanations and simulations read it too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from federation.api.model.federated import FederatedObject
from federation.plan.model.context import Context
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import Distribution
from federation.plan.model.trees import mapping
from federation.plan.overrides.operations import Derived
from federation.plan.placement import placement
from federation.plan.placement.placement import Selection
from federation.plan.replicas import autoscaling, jobs, override_conflicts
from federation.plan.replicas.autoscaling import Scalers
from federation.plan.replicas.pairing import DIVIDED
from federation.plan.replicas.preference import schedule
from federation.plan.replicas.prepared import DividedDocument, PreparedDocument

__all__ = ["NO_REPLICAS", "SCALED_KINDS", "Assignment", "MemberReplicas", "Owner", "assign"]

SCALED_KINDS: Final = frozenset({"Deployment", "ReplicaSet", "StatefulSet"})
"""Kinds whose ``spec.replicas`` is the number of pods (1 where it is absent)."""

Owner = Literal["", "preference", "job", "autoscaler", "override", "template", "live"]
"""Who decides the number: "" for an object without one, ``live`` for the owner of the field in the member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberReplicas:
    """The replicas of one document in one member.

    ``count`` is the number in the manifest (``None``: the kind has none), ``weighed`` the number for DNS weights:
    overflow does not run, so it does not count. ``fields`` are all numbers that the manifest takes, by path.
    ``left_alone``: updates leave the live number as it is.
    """

    count: int | None = None
    weighed: int | None = None
    fields: Mapping[str, int] = field(default_factory=dict)
    owner: Owner = ""
    left_alone: bool = False
    reasons: tuple[str, ...] = ()


NO_REPLICAS: Final = MemberReplicas()
"""The value of an object without replicas."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assignment:
    """The members and the replicas of one document.

    ``replicas`` has every selected member, including those that are not available. ``members`` are those that get the
    document now: they are available, and no division leaves them without an object. ``distribution`` is the division
    of a preference, as overrides and autoscalers leave it. ``derived`` are the document's overrides by member.
    """

    prepared: PreparedDocument
    selection: Selection
    members: tuple[str, ...]
    distribution: Distribution | None
    replicas: Mapping[str, MemberReplicas]
    derived: Mapping[str, Derived]

    @property
    def document(self) -> FederatedObject:
        """The federated document."""
        return self.prepared.document


def assign(documents: Sequence[PreparedDocument], context: Context) -> tuple[Assignment, ...]:
    """The replicas of all ``documents``, in their order."""
    divided = autoscaling.divide([_divide(each, context) for each in documents], context)
    resolved = [_as_it_stands(override_conflicts.resolve(each, context), context) for each in divided]
    scalers = Scalers(resolved, context)
    return tuple(_assignment(each, scalers, context) for each in resolved)


def _divide(prepared: PreparedDocument, context: Context) -> DividedDocument:
    """The members of one document, and the numbers that its preference gives them."""
    members, preference = context.members, prepared.preference
    available = frozenset(members.available)
    scheduled = schedule(prepared, context)
    if preference is None or scheduled is None:
        selection = prepared.selection or placement.within(
            prepared.document, placement.own(prepared.document, tuple(members.by_name.values())), prepared.around
        )
        chosen = tuple(name for name in selection.members if name in available)
        return DividedDocument(prepared=prepared, selection=selection, members=chosen)
    if prepared.document.target.kind == "Job":
        scheduled = jobs.divide(prepared, scheduled, context)
    # Members that get nothing now are still rendered, to find faults there.
    path, absent = DIVIDED[preference.target_kind], scheduled.absent
    nothing = {path: 0}
    return DividedDocument(
        prepared=prepared,
        selection=scheduled.selection,
        members=tuple(name for name in scheduled.selection.members if name in available and name not in absent),
        distribution=scheduled.distribution,
        path=path,
        fields={name: scheduled.computed.get(name, nothing) for name in scheduled.selection.members},
    )


def _as_it_stands(divided: DividedDocument, context: Context) -> DividedDocument:
    """A document of a paused type in the members that it stands in; any other as it is."""
    standing = divided.prepared.standing
    if standing is None:
        return divided
    return replace(
        divided,
        selection=replace(divided.selection, members=tuple(standing)),
        members=tuple(name for name in standing if context.members.by_name[name].available),
        distribution=None,
    )


def _assignment(divided: DividedDocument, scalers: Scalers, context: Context) -> Assignment:
    prepared, by_name = divided.prepared, context.members.by_name
    assignments = _MemberAssignments(divided=divided, scalers=scalers, getting=frozenset(divided.members))
    derived = {
        name: prepared.overrides.derived(by_name[name], divided.path if name in divided.fields else "")
        for name in divided.selection.members
    }
    return Assignment(
        prepared=prepared,
        selection=divided.selection,
        members=divided.members,
        distribution=divided.distribution,
        replicas={name: assignments.in_member(name, each) for name, each in derived.items()},
        derived=derived,
    )


@dataclass(slots=True, kw_only=True)
class _MemberAssignments:
    """The values of one document, member by member; members with the same manifest share what nothing divides."""

    divided: DividedDocument
    scalers: Scalers
    getting: frozenset[str]
    undivided: dict[Derived, MemberReplicas] = field(default_factory=dict)

    def in_member(self, name: str, derived: Derived) -> MemberReplicas:
        """The value for one member."""
        divided = self.divided
        if divided.path and name in divided.fields:
            found = self._divided(name, derived)
        else:
            if derived not in self.undivided:
                self.undivided[derived] = _undivided(divided.prepared.document, derived)
            found = self.undivided[derived]
            if name in divided.fields:
                found = replace(found, fields=divided.fields[name])
        if divided.prepared.standing is not None:
            return _left_standing(found, divided.prepared.standing[name])
        if found.left_alone or not self.scalers.owns(divided, name):
            return found
        left_alone = name in self.getting and self.scalers.leaves_alone(divided, name, derived)
        return replace(found, owner="autoscaler", left_alone=left_alone)

    def _divided(self, name: str, derived: Derived) -> MemberReplicas:
        path, fields, kind = self.divided.path, self.divided.fields[name], self.divided.prepared.document.target.kind
        owner: Owner = "job" if kind == "Job" else "preference"
        count = fields.get(path)
        undoing = override_conflicts.undoing(derived.operations, path) if derived.operations else None
        if undoing is not None:
            owner, count = "override", undoing.left
            fields = {each: number for each, number in fields.items() if each != path}
        shares = self.divided.distribution
        share = shares.replicas.get(name) if shares else None
        count = count if kind in SCALED_KINDS else None
        return MemberReplicas(
            count=count,
            weighed=count if share is None else share,
            fields=fields,
            owner=owner,
            reasons=shares.reasons[name] if shares and share is not None else (),
        )


def _undivided(document: FederatedObject, derived: Derived) -> MemberReplicas:
    """The number that the template and the overrides leave, which no preference divides."""
    spec = mapping(derived.tree.get("spec"))
    count = None
    if document.target.kind in SCALED_KINDS:
        count = spec["replicas"] if isinstance(spec.get("replicas"), int) else 1
    if count is None and "replicas" not in spec:
        return NO_REPLICAS
    override = derived.trail.named_by(("spec", "replicas")) if derived.operations else None
    is_retained = document.retain_replicas and "replicas" in spec and not _is_service(document)
    if is_retained and override is None:
        return MemberReplicas(count=count, weighed=count, owner="live", left_alone=True)
    reasons: tuple[str, ...] = ()
    if is_retained and override is not None:
        shown = f"an override of {override.path} ({override.written})"
        reasons = (f"spec.replicas is not retained: {shown} comes after that",)
    return MemberReplicas(
        count=count, weighed=count, owner="template" if override is None else "override", reasons=reasons
    )


def _is_service(document: FederatedObject) -> bool:
    return document.target.kind == "Service" and not document.target.group


def _left_standing(found: MemberReplicas, entry: IndexEntry) -> MemberReplicas:
    """The replicas of an object of a paused type, which stays as the last update left it."""
    count = entry.replicas if entry.replicas >= 0 else found.count
    return replace(found, count=count, weighed=count, owner="live" if count is not None else "")
