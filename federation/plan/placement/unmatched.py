"""Which documents go nowhere, and which overrides are for nobody, because of a label or of what is not written?

KubeFed says nothing of either: one letter wrong in a selector, and a document vanishes. Both are warnings and not
errors, since members get their labels later than documents are written. One set of documents serves every stack, so a
selector that matches a member of another stack is no slip: it is listed, as names that only other stacks have are.
"""

from collections.abc import Iterator

from federation.api.model.federated import FederatedObject, Selector
from federation.api.model.scheduling import ReplicaSchedulingPreference
from federation.errors import suggestions
from federation.errors.source import PathKey
from federation.plan.model import selectors
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.placement import placement
from federation.plan.placement.placement import Selection

__all__ = ["check", "check_meeting", "selected_elsewhere"]


def check(
    document: FederatedObject, preference: ReplicaSchedulingPreference | None, roster: Members, findings: Findings
) -> None:
    """Warn of a document without a placement, and of selectors that match no member.

    ``clusters: []`` says that it is meant; a preference has its own say in where its workload goes.
    """
    what = f"{document.target.kind} {document.key}"
    written = document.placement
    absent = written.clusters is None and written.cluster_selector is None
    if absent and preference is None and not findings.incomplete:  # a preference may be what could not be read
        message = f"{what} has no placement, so it goes nowhere"
        remedy = "write clusterSelector: {} for every member, or clusters: [] if nowhere is meant"
        findings.warning(document.source, ("spec", "placement"), message, remedy)
    for path, selector in _selectors(document, preference):
        if _matches_here(selector, roster) or _matching_others(selector, roster):
            continue
        comes_of_it = f"{what} goes nowhere" if path[1] == "placement" else f"this override of {what} is for nobody"
        findings.warning(document.source, path, f"{_nobody(roster)}, so {comes_of_it}", _remedy(selector, roster))


def check_meeting(
    document: FederatedObject, selection: Selection, around: Selection, roster: Members, findings: Findings
) -> None:
    """Warn of a document that goes nowhere though both it and its namespace (``around``) select members."""
    chosen = placement.own(document, tuple(roster.members.values())).members
    if selection.members or not chosen or not around.members:
        return
    message = (
        f"this selects {suggestions.listed(chosen)}, and namespace {document.namespace} goes to "
        f"{suggestions.listed(around.members)}, so {document.target.kind} {document.key} goes nowhere"
    )
    findings.warning(document.source, ("spec", "placement"), message, "let both select the members that are meant")


def selected_elsewhere(
    document: FederatedObject, preference: ReplicaSchedulingPreference | None, roster: Members
) -> tuple[str, ...]:
    """``eu-west of stack prod``: the members of other stacks that selectors match which match none of this one."""
    if not roster.others:
        return ()
    idle = [selector for _, selector in _selectors(document, preference) if not _matches_here(selector, roster)]
    return tuple(sorted({name for selector in idle for name in _matching_others(selector, roster)}))


def _selectors(
    document: FederatedObject, preference: ReplicaSchedulingPreference | None
) -> Iterator[tuple[PathKey, Selector]]:
    """The selectors that have a say, each with its place."""
    written = document.placement
    if preference is None and written.clusters is None and written.cluster_selector is not None:
        yield ("spec", "placement", "clusterSelector"), written.cluster_selector
    for entry in document.overrides:
        if entry.cluster_selector is not None:
            yield ("spec", "overrides", entry.index, "clusterSelector"), entry.cluster_selector


def _matches_here(selector: Selector, roster: Members) -> bool:
    # Where there is no member at all, it is for no fault of the selector's.
    return not roster.members or any(selectors.matches(selector, member.labels) for member in roster.members.values())


def _matching_others(selector: Selector, roster: Members) -> list[str]:
    return [f"{each.name} of stack {each.stack}" for each in roster.others if selectors.matches(selector, each.labels)]


def _nobody(roster: Members) -> str:
    unknown = roster.elsewhere.difference(each.name for each in roster.others)
    if unknown:
        return f"no member of this stack matches (labels of {suggestions.listed(unknown)} are not known here)"
    return f"no member of this stack {'or another ' if roster.others else ''}matches"


def _remedy(selector: Selector, roster: Members) -> str:
    asked = {*selector.match_labels, *(each.key for each in selector.match_expressions)}
    pairs = [pair for member in roster.members.values() for pair in member.labels.items()]
    near = [pair for pair in pairs if pair[0] in asked] or pairs
    shown = suggestions.listed({f"{key}={value}" for key, value in near}) or "none"
    return f"correct the selector, or label a member in the stack's config (labels here: {shown})"
