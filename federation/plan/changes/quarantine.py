"""Keep the objects of a quarantined member (``available: false``) as the last update left them.

Objects that the documents have gained or changed since are *pending* there; objects that they have lost are *kept*.
Both are found by planning as if every member were back; that plan shares what cannot differ. A member that was
quarantined is not forgotten when it is taken out of the config: that would delete all its objects without notice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from federation.api.model.members import FederationSettings, Member
from federation.errors.fault import Fault, Severity
from federation.errors.source import Source
from federation.plan.changes import renames
from federation.plan.model import digests
from federation.plan.model.findings import Findings
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import MemberPlan

__all__ = [
    "check_unjoined",
    "described",
    "faults_on_return",
    "kept",
    "listed",
    "member_plan",
    "names",
    "pending",
    "released",
]

_SHOWN = 20


def names(federation: FederationSettings) -> tuple[str, ...]:
    """The members that are quarantined, sorted."""
    return tuple(member.name for member in federation.members if not member.available)


def released(federation: FederationSettings) -> FederationSettings:
    """The same federation with every member available."""
    members = tuple(member.model_copy(update={"available": True}) for member in federation.members)
    return federation.model_copy(update={"members": members})


def pending(standing: Iterable[IndexEntry], wanted: Iterable[IndexEntry]) -> Mapping[str, Literal["create", "update"]]:
    """By logical name, the objects to create or update in a member when it is back."""
    before = {each.logical_name: each for each in standing}
    found: dict[str, Literal["create", "update"]] = {}
    for each in wanted:
        old = before.get(each.logical_name)
        if old is None:
            found[each.logical_name] = "create"
        elif old.token != each.token or (old.digest and old.digest != each.digest):
            found[each.logical_name] = "update"
    return dict(sorted(found.items()))


def kept(standing: Iterable[IndexEntry], wanted: Iterable[IndexEntry]) -> tuple[str, ...]:
    """The logical names of objects that no document declares, and that stay until the member is back."""
    wanted_names = {each.logical_name for each in wanted}
    return tuple(sorted(each.logical_name for each in standing if each.logical_name not in wanted_names))


def member_plan(member: Member, observed: Observed, wanted: Iterable[IndexEntry] | None) -> MemberPlan:
    """The part of the plan for a quarantined member: its objects, and what changes there when it is back.

    ``wanted`` is the index of a plan for its return (``None``: that plan has faults).
    """
    standing = None if observed.registered is None else observed.registered.get(member.name, ())
    is_known = standing is not None and wanted is not None
    return MemberPlan(
        name=member.name,
        region=member.region,
        zones=member.zones,
        wave=member.wave,
        available=False,
        objects=(),
        digest=digests.combined([f"{member.name} held", *(each.logical_name for each in standing or ())]),
        index=standing,
        pending=pending(standing or (), wanted or ()) if is_known else {},
        kept=kept(standing or (), wanted or ()) if is_known else (),
        former_names=member.former_names,
    )


def faults_on_return(federation: FederationSettings, findings: Findings) -> tuple[Fault, ...]:
    """The errors among the ``findings`` of a plan for the members' return, as warnings of today."""
    when = f"once {', '.join(names(federation))} is back"
    errors = (each for each in findings.faults() if each.severity is Severity.ERROR)
    return tuple(replace(each, message=f"{when}: {each.message}", severity=Severity.WARNING) for each in errors)


def described(member: MemberPlan) -> str:
    """The state of a quarantined member, in one line."""
    if member.index is None:
        return f"{member.name} is quarantined: its objects stay as they are; which they are is not known here"
    if not member.index:
        return f"{member.name} is quarantined: no object of it was ever registered, and none is now"
    changes = [f"{action} {name}" for name, action in member.pending.items()]
    parts = [f"{member.name} is quarantined: its {len(member.index)} objects stay as they are"]
    parts += [f"pending: {listed(changes)}"] if changes else []
    parts += [f"kept: {listed(member.kept)}"] if member.kept else []
    return "; ".join(parts)


def listed(words: Sequence[str]) -> str:
    """``words`` in one line; if there are very many, the first ones and a count."""
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return ", ".join(words[:_SHOWN]) + more


def check_unjoined(federation: FederationSettings, observed: Observed, findings: Findings) -> None:
    """Refuse to lose a member that the last update quarantined, unless the config allows it."""
    present = {member.name for member in federation.members}
    source = Source(file=f"Pulumi.{federation.stack}.yaml")
    renamed = {each.before: each for each in renames.suspected(federation, observed)}
    for name in sorted(set(observed.quarantined_before) - present - set(federation.plan.unjoin)):
        message = (
            f"{name} was quarantined at the last update and is no longer a member: all of its objects would be deleted"
        )
        remedy = (
            f"put it back with available: true, update, and take it out then; if it is lost for good, name it under "
            f"plan: {{unjoin: [{name}]}} and update with PULUMI_K8S_DELETE_UNREACHABLE=true"
        )
        if name in renamed:
            message, remedy = f"{name} was quarantined at the last update; {renamed[name]}", renamed[name].remedy
        findings.error(source, ("config", "eks-federation:members", name), message, remedy)
