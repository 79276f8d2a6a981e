"""Explain why each member gets an object, and how many replicas of it.

An explanation lists what the plan holds about one object, member by member, in the order of the decisions: placement,
namespace, steps of the division, overrides with their changes, dependencies both ways, retained fields and DNS names.
Nothing is decided or computed again here: an explanation that was computed separately could contradict the plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from federation.errors import suggestions
from federation.plan.model.plan import MemberPlan, Operation, Plan, PlannedObject, Workload
from federation.plan.views import dns_paths
from federation.plan.views.dns_paths import Lead

__all__ = ["Explanation", "MemberExplanation", "explain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberExplanation:
    """One member's part. ``placed``: it gets the object; ``placement`` says why, or why not.

    ``division`` are the steps that led to ``replicas`` (``None`` for kinds without). ``retained`` are fields that keep
    their live values. ``quarantined`` says what becomes of the object in a member that is not available. ``move`` says
    which members it waits for before it gives replicas away.
    """

    member: str
    wave: int
    placed: bool
    placement: tuple[str, ...]
    replicas: int | None = None
    division: tuple[str, ...] = ()
    overflow: int = 0
    notes: tuple[str, ...] = ()
    overrides: tuple[Operation, ...] = ()
    waits_for: tuple[str, ...] = ()
    awaited_by: tuple[str, ...] = ()
    retained: tuple[str, ...] = ()
    quarantined: str = ""
    move: str = ""
    leads: tuple[Lead, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One object in all members, or in the requested one.

    ``total`` is the number that a preference divides (``None`` without one), ``replicas`` the result by member.
    ``order`` is the sequence of members in the division, and ``division`` its steps. Both cover every member that takes
    part, since the number of one depends on what the others took. ``other_stacks`` are names in the document that only
    other stacks have. ``selects`` are members of other stacks that its selectors match, while none match here.
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
    other_stacks: tuple[str, ...] = ()
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
        other_stacks=workload.other_stacks,
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
    # For a member without the object, the plan's reasons already say whether its own placement or the namespace's
    # prevents it.
    shown_namespace = None if planned is None and member.available else namespace
    placement = _placement(workload, shown_namespace, member.name)
    shown = frozenset((*placement, *division))
    return MemberExplanation(
        member=member.name,
        wave=member.wave,
        placed=planned is not None,
        placement=placement,
        replicas=workload.replicas.get(member.name, 0) if workload.replicas else None,
        division=division,
        overflow=divided.overflow.get(member.name, 0) if divided else 0,
        notes=tuple(line for line in planned.reasons if line not in shown) if planned else (),
        overrides=planned.overrides if planned else (),
        waits_for=tuple(_without_member(name) for name in planned.depends_on) if planned else (),
        awaited_by=_awaited_by(member, planned.logical_name) if planned else (),
        retained=planned.ignore_changes if planned else (),
        quarantined="" if member.available else _quarantined(workload, member),
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
    why = namespace.reasons[member][0]
    return (own[0], f"namespace {workload.namespace} goes there: {why}", *own[1:])


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


def _quarantined(workload: Workload, member: MemberPlan) -> str:
    """What becomes of the object in a quarantined member."""
    if member.index is None:
        return "whether it is there is not known here"
    logical_name = f"{member.name}/{workload.document}"
    standing = {each.logical_name: each for each in member.index}
    entry = standing.get(logical_name)
    parts = ["it is not there"] if entry is None else ["it stays as the last update left it"]
    if entry is not None and entry.replicas >= 0:
        parts.append(suggestions.counted(entry.replicas, "replica"))
    if logical_name in member.pending:
        parts.append(f"when the member is back: {member.pending[logical_name]}")
    if logical_name in member.kept:
        parts.append("no document declares it")
    return ", ".join(parts)
