"""Find entries of ``plan.unjoin`` that have no effect, or are no longer needed.

An entry lets one member be emptied, taken out or led to another cluster. It stays valid for the next member of that
name, so it must be removed once its member has gone. The update that carries it out only warns about it.
"""

from collections.abc import Iterator

from federation.api.model.members import FederationSettings
from federation.errors import suggestions
from federation.errors.fault import Fault, Place, Severity
from federation.plan.changes import cluster_identity
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan

__all__ = ["KEY", "refused", "warned"]

KEY = "eks-federation:plan.unjoin"


def refused(federation: FederationSettings, plan: Plan, observed: Observed) -> tuple[Fault, ...]:
    """The entries that have no effect now and would let a later member of that name go; none before a first update.

    While a member is quarantined they are warnings: failing over is never refused.
    """
    return tuple(each for each in _faults(federation, plan, observed) if each.severity is Severity.ERROR)


def warned(federation: FederationSettings, plan: Plan, observed: Observed) -> tuple[Fault, ...]:
    """The entries to remove after this update."""
    return tuple(each for each in _faults(federation, plan, observed) if each.severity is Severity.WARNING)


def _faults(federation: FederationSettings, plan: Plan, observed: Observed) -> Iterator[Fault]:
    if observed.registered is None:
        return
    known = {*observed.registered, *observed.quarantined_before, *observed.identities_before, *observed.clusters_before}
    present = {member.name: member for member in plan.members}
    fails_over = any(not member.available for member in plan.members)
    stale = Severity.WARNING if fails_over else Severity.ERROR
    for name in sorted(set(federation.plan.unjoin)):
        entry = f'"{name}"'
        if name not in present and name in known:
            message = f"{entry} lets {name} leave in this update"
            yield _fault(plan, message, "take the entry out afterwards", Severity.WARNING)
        elif name not in present:
            near = suggestions.nearest(name, {*present, *known})
            meant = f'if "{near}" is meant, correct it; else ' if near else ""
            message = f"{entry} is neither a member nor known to the state of stack {plan.stack}, "
            message += "and would let the next member of that name lose all that it holds"
            yield _fault(plan, message, f"{meant}take the entry out", stale)
        elif present[name].available and not _lets_go(name, plan, observed):
            is_new = not observed.registered.get(name) and bool(present[name].index)
            holds = "holds nothing of ours yet" if is_new else "loses nothing in this update"
            message = f"{entry} {holds}, and nothing would keep a later one from emptying it"
            yield _fault(plan, message, "take the entry out", stale if is_new else Severity.WARNING)


def _lets_go(name: str, plan: Plan, observed: Observed) -> bool:
    """Whether a member that stays loses an object in this update, or leads to another cluster."""
    standing = {each.logical_name for each in (observed.registered or {}).get(name, ())}
    wanted = {each.logical_name for each in plan.member(name).index or ()}
    return name in cluster_identity.moved(observed) or not standing <= wanted


def _fault(plan: Plan, message: str, remedy: str, severity: Severity) -> Fault:
    place = Place(file=f"Pulumi.{plan.stack}.yaml")
    return Fault(place=place, where=KEY, message=message, remedy=remedy, severity=severity)
