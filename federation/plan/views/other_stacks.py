"""What in documents is for members of other stacks, by name or by label? It is listed, and nothing is refused for it.

One set of documents serves every stack: an override for a member that only production has is no mistake in staging.
"""

from federation.errors import suggestions
from federation.plan.model.plan import Plan

__all__ = ["elsewhere"]


def elsewhere(plan: Plan) -> tuple[str, ...]:
    """A line for each document that names, or selects, members which only other stacks have, in the plan's order."""
    named = tuple(
        f"{workload.source.place()}: {workload.kind} {workload.key} names {', '.join(workload.elsewhere)}, "
        f"which {'are' if len(workload.elsewhere) > 1 else 'is'} not in stack {plan.stack}"
        for workload in plan.workloads
        if workload.elsewhere
    )
    selected = tuple(
        f"{workload.source.place()}: {workload.kind} {workload.key} has a selector that matches "
        f"{suggestions.listed(workload.selects)}, and no member of stack {plan.stack}"
        for workload in plan.workloads
        if workload.selects
    )
    return named + selected
