"""Warn when a preference puts replicas where the workload's own placement would have none.

KubeFed's preferences replace placements silently: a workload that a selector limits, and that is then divided, runs in
every member. The result here is KubeFed's, and a warning reports it.
"""

from federation.api.model.federated import FederatedObject
from federation.api.model.members import Member
from federation.api.model.scheduling import ReplicaSchedulingPreference
from federation.errors import suggestions
from federation.errors.source import PathKey
from federation.plan.model import selectors
from federation.plan.model.findings import Findings

__all__ = ["check"]


def check(
    document: FederatedObject, preference: ReplicaSchedulingPreference, running: list[Member], findings: Findings
) -> None:
    """Warn when the placement of ``document`` leaves out members that get replicas (``running``).

    A placement that is absent, or selects every member, limits nothing. A preference with a fault is not checked.
    """
    outside = [member.name for member in running if not _is_chosen(document, member)]
    if not outside or preference.source in findings.suspect:
        return
    by_name = document.placement.clusters is not None
    path: PathKey = ("spec", "placement", "clusters" if by_name else "clusterSelector")
    message = (
        f"this is not what places {document.target.kind} {document.key}: its ReplicaSchedulingPreference "
        f"({preference.source.place('spec')}) does, and gives replicas to {suggestions.listed(outside)}, left out here"
    )
    findings.warning(document.source, path, message, _remedy(preference, by_name=by_name))


def _remedy(preference: ReplicaSchedulingPreference, *, by_name: bool) -> str:
    ways = ["choose them here with a clusterSelector in place of names"] if by_name else []
    if not preference.intersect_with_cluster_selector:
        ways.append("set its intersectWithClusterSelector: true")
    return f"name only who is meant under the preference's clusters, or {' and '.join(ways)}"


def _is_chosen(document: FederatedObject, member: Member) -> bool:
    named, selector = document.placement.clusters, document.placement.cluster_selector
    if named is not None:
        return member.name in named
    return selector is None or selectors.matches(selector, member.labels)
