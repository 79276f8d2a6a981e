"""Report plans that were made without the stack's state."""

from typing import Any

from federation.plan.model.observed import Observed

__all__ = ["described", "is_unread", "to_tree"]


def is_unread(observed: Observed) -> bool:
    """Whether the plan was made without the state of its stack."""
    return observed.registered is None


def described(stack: str, observed: Observed) -> str:
    """The line that says what is unknown of ``stack``; "" when nothing is."""
    if is_unread(observed):
        reason = observed.unread or "`pulumi` was not called"
        return (
            f"STATE UNKNOWN: the state of stack {stack} was not read ({reason}): every object counts as new, and the "
            "guard finds no loss"
        )
    return "" if observed.exists else f"stack {stack} does not exist yet; `fed up --create --stack {stack}` makes it"


def to_tree(observed: Observed) -> dict[str, Any]:
    """The same as plain data; ``exists`` is null when it is unknown."""
    if is_unread(observed):
        return {"known": False, "exists": None, "reason": observed.unread}
    return {"known": True, "exists": observed.exists}
