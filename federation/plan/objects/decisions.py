"""Decide for each federated document which members get it, and with how many replicas."""

from collections.abc import Sequence

from federation.plan.model.context import Context
from federation.plan.objects import checks
from federation.plan.replicas.assignment import Assignment, assign
from federation.plan.replicas.prepared import PreparedDocument

__all__ = ["decide"]


def decide(documents: Sequence[PreparedDocument], context: Context) -> tuple[Assignment, ...]:
    """Decide for all ``documents``, in their order, those of paused types too."""
    active = [each for each in documents if not each.paused]
    assignments = assign(active, context)
    for each in assignments:
        # Without a preference, nothing of this depends on available members: preparing has checked it.
        if each.prepared.preference is not None:
            checks.check_document(each.prepared, each.selection, context)
    if len(active) == len(documents):
        return assignments
    # Paused documents are decided with the others: an autoscaler is divided with its workload, whichever is paused.
    # A fault in a paused document does not matter until its type is propagated again.
    return assign(documents, context.unreported())
