"""Print the changes to the members' infrastructure: clusters, networks and nodes."""

from fed.terminal.output import say, table
from federation.api.model.members import FederationSettings
from federation.plan.changes import infrastructure
from federation.plan.model.observed import Observed

__all__ = ["show"]


def show(federation: FederationSettings, observed: Observed) -> None:
    """Print a table of the members whose infrastructure changes; nothing when there are none."""
    changed = [each for each in infrastructure.changes(federation, observed) if each.action != "same"]
    if not changed:
        return
    rows = [(each.member, each.action, "\n".join(each.lines)) for each in changed]
    table("Infrastructure", ("MEMBER", "CHANGE", "WHAT"), rows)
    if not infrastructure.is_known(observed):
        say("the resources on AWS are unknown: every cluster counts as new")
