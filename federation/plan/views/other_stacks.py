"""List what documents say about members of other stacks, by name or by label.

Nothing is refused for it: one set of documents serves every stack, so an override for a member that only production
has is not a mistake in staging.
"""

from federation.errors import suggestions
from federation.plan.model.plan import Plan

__all__ = ["describe_other_stacks"]


def describe_other_stacks(plan: Plan) -> tuple[str, ...]:
    """One line per document that names or selects members of other stacks only, in the plan's order."""
    named = tuple(
        f"{workload.source.place()}: {workload.kind} {workload.key} names {', '.join(workload.other_stacks)}, "
        f"which {'are' if len(workload.other_stacks) > 1 else 'is'} not in stack {plan.stack}"
        for workload in plan.workloads
        if workload.other_stacks
    )
    selected = tuple(
        f"{workload.source.place()}: {workload.kind} {workload.key} has a selector that matches "
        f"{suggestions.listed(workload.selects)}, and no member of stack {plan.stack}"
        for workload in plan.workloads
        if workload.selects
    )
    return named + selected
