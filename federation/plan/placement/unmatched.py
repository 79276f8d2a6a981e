"""Find documents and overrides that select no member.

KubeFed reports neither: with one wrong letter in a selector, a document vanishes. Both are warnings and not errors,
since members may get their labels after the documents are written. One set of documents serves every stack. So a
selector that matches a member of another stack is not a mistake: it is listed, like names that only other stacks have.
"""

from collections.abc import Iterator

from federation.api.model.federated import FederatedObject, Selector
from federation.api.model.scheduling import ReplicaSchedulingPreference
from federation.errors import suggestions
from federation.errors.source import PathKey
from federation.plan.model import selectors
from federation.plan.model.context import Context
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.placement import placement
from federation.plan.placement.placement import Selection

__all__ = ["check", "check_meeting", "selected_in_other_stacks"]


def check(
    document: FederatedObject, preference: ReplicaSchedulingPreference | None, members: Members, findings: Findings
) -> None:
    """Warn of a document without a placement, and of selectors that match no member.

    ``clusters: []`` states that no member is intended. A preference places its workload itself.
    """
    what = f"{document.target.kind} {document.key}"
    written = document.placement
    absent = written.clusters is None and written.cluster_selector is None
    if absent and preference is None and not findings.incomplete:  # a preference may be what could not be read
        message = f"{what} has no placement, so it goes to no member"
        remedy = "write clusterSelector: {} for every member, or clusters: [] if no member is meant"
        findings.warning(document.source, ("spec", "placement"), message, remedy)
    for path, selector in _selectors(document, preference):
        if _matches_here(selector, members) or _matching_others(selector, members):
            continue
        consequence = (
            f"{what} goes to no member" if path[1] == "placement" else f"this override of {what} applies to no member"
        )
        findings.warning(document.source, path, f"{_no_match(members)}, so {consequence}", _remedy(selector, members))


def check_meeting(document: FederatedObject, selection: Selection, around: Selection, context: Context) -> None:
    """Warn of a document that is placed in no member although it and its namespace (``around``) both select some."""
    if selection.members or not around.members:
        return
    chosen = placement.own(document, tuple(context.members.by_name.values())).members
    if not chosen:
        return
    message = (
        f"this selects {suggestions.listed(chosen)}, and namespace {document.namespace} goes to "
        f"{suggestions.listed(around.members)}, so {document.target.kind} {document.key} goes to no member"
    )
    context.findings.warning(
        document.source, ("spec", "placement"), message, "let both select the members that are meant"
    )


def selected_in_other_stacks(
    document: FederatedObject, preference: ReplicaSchedulingPreference | None, members: Members
) -> tuple[str, ...]:
    """``eu-west of stack prod``: members of other stacks that match a selector without a match in this stack."""
    if not members.others:
        return ()
    idle = [selector for _, selector in _selectors(document, preference) if not _matches_here(selector, members)]
    return tuple(sorted({name for selector in idle for name in _matching_others(selector, members)}))


def _selectors(
    document: FederatedObject, preference: ReplicaSchedulingPreference | None
) -> Iterator[tuple[PathKey, Selector]]:
    """The selectors in effect, each with its path in the document."""
    written = document.placement
    if preference is None and written.clusters is None and written.cluster_selector is not None:
        yield ("spec", "placement", "clusterSelector"), written.cluster_selector
    for entry in document.overrides:
        if entry.cluster_selector is not None:
            yield ("spec", "overrides", entry.index, "clusterSelector"), entry.cluster_selector


def _matches_here(selector: Selector, members: Members) -> bool:
    # Without any member, the selector is not at fault.
    return not members.by_name or any(selectors.matches(selector, member.labels) for member in members.by_name.values())


def _matching_others(selector: Selector, members: Members) -> list[str]:
    return [f"{each.name} of stack {each.stack}" for each in members.others if selectors.matches(selector, each.labels)]


def _no_match(members: Members) -> str:
    unknown = members.other_stacks.difference(each.name for each in members.others)
    if unknown:
        return f"no member of this stack matches (labels of {suggestions.listed(unknown)} are not known here)"
    return f"no member of this stack {'or another ' if members.others else ''}matches"


def _remedy(selector: Selector, members: Members) -> str:
    keys = {*selector.match_labels, *(each.key for each in selector.match_expressions)}
    pairs = [pair for member in members.by_name.values() for pair in member.labels.items()]
    near = [pair for pair in pairs if pair[0] in keys] or pairs
    shown = suggestions.listed({f"{key}={value}" for key, value in near}) or "none"
    return f"correct the selector, or label a member in the stack's config (labels here: {shown})"
