"""Which changes are no updates? A Job cannot be changed: most changes replace it, and its work is done anew.

The plan knows of the last update that an object differed, not where, so it says no more than that. The preview shows
which it is.
"""

from collections.abc import Sequence

from federation.errors import Fault
from federation.plan.findings import Findings
from federation.plan.observed import Observed
from federation.plan.result import MemberPlan

__all__ = ["warnings"]


def warnings(members: Sequence[MemberPlan], observed: Observed) -> tuple[Fault, ...]:
    """A warning for each Job that is not what the last update registered."""
    registered = (observed.registered or {}).values()
    before = {entry.logical_name: entry.digest for some in registered for entry in some if entry.kind == "Job"}
    findings = Findings()
    for member in members if before else ():
        now = {entry.logical_name: entry.digest for entry in member.index or ()}
        for each in member.objects:
            if before.get(each.logical_name) and before[each.logical_name] != now[each.logical_name]:
                message = (
                    f"Job {each.namespace}/{each.name} changes: unless that is in labels, annotations or backoffLimit, "
                    "the Job is replaced and its work begins anew"
                )
                remedy = "look for it in the preview; let it finish first, or give the new work a Job of its own name"
                findings.warning(each.source, ("spec", "template"), message, remedy, member=member.name)
    return findings.faults()
