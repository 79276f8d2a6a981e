"""Why does a member get what it gets, and how many?

Everything that the plan knows of one object, member by member, in the order in which it was decided: where it goes,
what its namespace allows, each step of the division, each override with what it changed, what it waits for and what
waits for it, which fields are left to others, and the DNS names that lead to it. Nothing is decided here, and nothing
is computed again: an explanation that was computed apart could be wrong about the plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from federation.errors import suggestions
from federation.plan.model.plan import MemberPlan, Plan, PlannedObject, PlannedOverride, Workload
from federation.plan.views import dns_paths
from federation.plan.views.dns_paths import Lead

__all__ = ["Explanation", "MemberExplanation", "explain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberExplanation:
    """One member's part. ``placed`` says whether it gets the object; ``placement`` why, or why not.

    ``division`` are the steps that led to ``replicas`` (``None`` for kinds without); ``retained`` are fields that are
    left as they are found there; ``held`` says what becomes of the object in a member that is not available. ``move``
    says which members it waits for before it gives replicas away.
    """

    member: str
    wave: int
    placed: bool
    placement: tuple[str, ...]
    replicas: int | None = None
    division: tuple[str, ...] = ()
    overflow: int = 0
    notes: tuple[str, ...] = ()
    overrides: tuple[PlannedOverride, ...] = ()
    waits_for: tuple[str, ...] = ()
    awaited_by: tuple[str, ...] = ()
    retained: tuple[str, ...] = ()
    held: str = ""
    move: str = ""
    leads: tuple[Lead, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One object over all members, or over the one that was asked for.

    ``total`` is what a preference divides (``None`` without one) and ``replicas`` what becomes of it, ``order`` the
    members' turns in the division, and ``division`` its steps: for every member that takes part, whichever one was
    asked for, since each one's number comes of what the others took. ``elsewhere`` are names in the document that only
    other stacks have, ``selects`` members of other stacks that its selectors match, which match none here.
    """

    kind: str
    namespace: str
    name: str
    written: str
    members: tuple[MemberExplanation, ...]
    total: int | None = None
    replicas: Mapping[str, int] = field(default_factory=dict)
    unplaced: int = 0
    order: tuple[str, ...] = ()
    division: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    selects: tuple[str, ...] = ()


def explain(plan: Plan, workload: Workload, member: str = "") -> Explanation:
    """Explain ``workload``, in ``member`` only if one is named."""
    namespace = _namespace(plan, workload)
    divided = workload.distribution
    chosen = [each for each in plan.members if member in ("", each.name)]
    return Explanation(
        kind=workload.kind,
        namespace=workload.namespace,
        name=workload.name,
        written=str(workload.source.place()),
        members=tuple(_member(plan, workload, namespace, each) for each in chosen),
        total=sum(divided.replicas.values()) + divided.unplaced if divided else None,
        replicas=workload.replicas,
        unplaced=divided.unplaced if divided else 0,
        order=divided.order if divided else (),
        division=dict(sorted(divided.reasons.items())) if divided else {},
        elsewhere=workload.elsewhere,
        selects=workload.selects,
    )


def _namespace(plan: Plan, workload: Workload) -> Workload | None:
    """The FederatedNamespace around ``workload``; ``None`` for a cluster-scoped object."""
    for each in plan.workloads:
        if each.kind == "Namespace" and workload.namespace and each.name == workload.namespace:
            return each
    return None


def _member(plan: Plan, workload: Workload, namespace: Workload | None, member: MemberPlan) -> MemberExplanation:
    planned = _object(member, workload)
    divided = workload.distribution
    division = divided.reasons.get(member.name, ()) if divided else ()
    # Where it does not go, the plan's own reasons say which of the two stands in its way.
    around = None if planned is None and member.available else namespace
    placement = _placement(workload, around, member.name)
    told = frozenset((*placement, *division))
    return MemberExplanation(
        member=member.name,
        wave=member.wave,
        placed=planned is not None,
        placement=placement,
        replicas=workload.replicas.get(member.name, 0) if workload.replicas else None,
        division=division,
        overflow=divided.overflow.get(member.name, 0) if divided else 0,
        notes=tuple(line for line in planned.reasons if line not in told) if planned else (),
        overrides=planned.overrides if planned else (),
        waits_for=tuple(_without_member(name) for name in planned.depends_on) if planned else (),
        awaited_by=_awaited_by(member, planned.logical_name) if planned else (),
        retained=planned.ignore_changes if planned else (),
        held="" if member.available else _held(workload, member),
        move=_move(plan, workload, member.name),
        leads=dns_paths.to_object(plan, member, planned) if planned else (),
    )


def _object(member: MemberPlan, workload: Workload) -> PlannedObject | None:
    wanted = (workload.kind, workload.namespace, workload.name)
    for each in member.objects:
        if (each.kind, each.namespace, each.name) == wanted:
            return each
    return None


def _placement(workload: Workload, namespace: Workload | None, member: str) -> tuple[str, ...]:
    own = workload.reasons.get(member, ("nothing that needs it goes there",))
    if namespace is None or member not in namespace.members or not own:
        return own
    around = namespace.reasons[member][0]
    return (own[0], f"namespace {workload.namespace} goes there: {around}", *own[1:])


def _without_member(logical_name: str) -> str:
    return logical_name.partition("/")[2]


def _awaited_by(member: MemberPlan, logical_name: str) -> tuple[str, ...]:
    return tuple(_without_member(each.logical_name) for each in member.objects if logical_name in each.depends_on)


def _move(plan: Plan, workload: Workload, member: str) -> str:
    for each in plan.moves:
        if each.document == workload.document and member in (*each.givers, *each.leavers):
            does = "goes" if member in each.leavers else "shrinks"
            return f"{does} when {', '.join(each.takers)} {'is' if len(each.takers) == 1 else 'are'} ready to take over"
    return ""


def _held(workload: Workload, member: MemberPlan) -> str:
    """What becomes of the object in a held member."""
    if member.index is None:
        return "what stands there is not known here"
    logical_name = f"{member.name}/{workload.document}"
    standing = {each.logical_name: each for each in member.index}
    found = standing.get(logical_name)
    parts = ["it is not there"] if found is None else ["it stays as the last update left it"]
    if found is not None and found.replicas >= 0:
        parts.append(suggestions.counted(found.replicas, "replica"))
    if logical_name in member.pending:
        parts.append(f"when the member is back: {member.pending[logical_name]}")
    if logical_name in member.kept:
        parts.append("no document asks for it any more")
    return ", ".join(parts)
