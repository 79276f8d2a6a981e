"""Which names in documents belong to members of other stacks? They are listed, and nothing is refused for them.

One set of documents serves every stack: an override for a member that only production has is no mistake in staging.
"""

from federation.plan.result import Plan

__all__ = ["elsewhere"]


def elsewhere(plan: Plan) -> tuple[str, ...]:
    """A line for each document that names members which only other stacks have, in the plan's order."""
    return tuple(
        f"{workload.source.place()}: {workload.kind} {workload.key} names {', '.join(workload.elsewhere)}, "
        f"which {'are' if len(workload.elsewhere) > 1 else 'is'} not in stack {plan.stack}"
        for workload in plan.workloads
        if workload.elsewhere
    )
