"""Report the faults that show only when documents meet members.

KubeFed ignored nearly all of them silently: a name that no cluster has, an override for a cluster that the placement
leaves out, a namespace that is not federated. Each is reported with its place and its remedy.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from federation.api.model.dns import IngressDNSRecord, ServiceDNSRecord
from federation.api.model.documents import Documents
from federation.api.model.federated import FederatedObject
from federation.api.model.scheduling import ReplicaSchedulingPreference
from federation.errors.fault import Place
from federation.errors.source import PathKey, Source
from federation.plan.model.context import Context
from federation.plan.model.findings import Findings
from federation.plan.model.members import Members
from federation.plan.overrides.operations import Problem
from federation.plan.placement import unmatched
from federation.plan.placement.placement import Selection
from federation.plan.replicas.distribute import EVERY_MEMBER
from federation.plan.replicas.prepared import PreparedDocument

__all__ = [
    "check_document",
    "check_record",
    "check_unread",
    "names_in_other_stacks",
    "report_nothing_to_lead_to",
    "report_paused",
    "report_paused_type",
    "report_problem",
]


def check_document(prepared: PreparedDocument, selection: Selection, context: Context) -> None:
    """Check the names in a document and its preference, and what they select."""
    document, preference, findings = prepared.document, prepared.preference, context.findings
    for path, name in _names(document):
        _check_name(document.source, path, name, context)
    if preference is not None:
        for path, name in _preference_names(preference):
            _check_name(preference.source, path, name, context)
    if document.target.namespaced and prepared.around is None:
        what = f"{document.target.kind} {document.key}"
        message = f'namespace "{document.namespace}" is not federated, so {what} goes to no member'
        remedy = f'add a FederatedNamespace called "{document.namespace}" (in that namespace), with a placement'
        findings.absence(document.source, ("metadata", "namespace"), message, remedy)
        return
    _check_overridden(document, selection, context.members, findings)
    unmatched.check(document, preference, context.members, findings)
    if preference is None and prepared.around is not None:
        unmatched.check_meeting(document, selection, prepared.around, context)


def check_record(record: ServiceDNSRecord, context: Context) -> None:
    """Check the member names in a DNS record's weights."""
    for name in record.weights:
        _check_name(record.source, ("spec", "weights", name), name, context)


def names_in_other_stacks(
    document: FederatedObject, preference: ReplicaSchedulingPreference | None, members: Members
) -> tuple[str, ...]:
    """The member names in ``document`` and its preference that only other stacks have."""
    if not members.other_stacks:
        return ()
    names = [name for _, name in _names(document)]
    if preference is not None:
        names += [name for _, name in _preference_names(preference)]
    return members.in_other_stacks(names)


def report_nothing_to_lead_to(
    record: ServiceDNSRecord | IngressDNSRecord, kind: str, there: Iterable[tuple[str, str]], findings: Findings
) -> None:
    """Report a DNS record whose federated ``kind`` is not among the documents; ``there`` lists those that are."""
    key = f"{record.namespace}/{record.name}"
    shown = ", ".join(sorted("/".join(pair) for pair in there)) or "none"
    message = f"there is no Federated{kind} {key} for this record to lead to"
    remedy = f"give the record the namespace and name of a Federated{kind} (there are: {shown})"
    findings.absence(record.source, ("metadata", "name"), message, remedy)


def report_paused(record: ServiceDNSRecord | IngressDNSRecord, kind: str, findings: Findings) -> None:
    """Warn of a DNS record whose federated ``kind`` is of a paused type."""
    message = f"{kind} {record.namespace}/{record.name} is paused, so this record leads where the last update left it"
    findings.warning(record.source, (), message, "set propagation: Enabled in its FederatedTypeConfig")


def report_paused_type(document: FederatedObject, where: Place, findings: Findings) -> None:
    """Warn of a document whose type the FederatedTypeConfig at ``where`` pauses (``propagation: Disabled``)."""
    message = f"{document.target.kind} {document.key} is paused, since propagation of its type is Disabled ({where}): "
    message += "nothing comes, changes or goes"
    findings.warning(document.source, (), message, "set propagation: Enabled in its FederatedTypeConfig")


def check_unread(documents: Documents, findings: Findings) -> None:
    """Warn of documents that are read for migration only, and that a plan does not carry out."""
    for cluster in documents.clusters:
        message = f"KubeFedCluster {cluster.name} is not used to connect: members stand in the stack's config"
        findings.warning(
            cluster.source, (), message, "declare it under eks-federation:members and remove this document"
        )


def report_problem(document: FederatedObject, problem: Problem, member: str, findings: Findings) -> None:
    """Report an override that could not be carried out in ``member``, or not as written."""
    there = findings.in_member(member)
    report = {"impossible": there.error, "ignored": there.silence, "harmless": there.warning}[problem.kind]
    report(document.source, problem.at, problem.message, problem.remedy)


def _names(document: FederatedObject) -> Iterator[tuple[PathKey, str]]:
    for index, name in enumerate(document.placement.clusters or ()):
        yield ("spec", "placement", "clusters", index, "name"), name
    for entry in document.overrides:
        if entry.cluster_selector is None:
            yield ("spec", "overrides", entry.index, "clusterName"), entry.cluster_name


def _preference_names(preference: ReplicaSchedulingPreference) -> Iterator[tuple[PathKey, str]]:
    for name in preference.clusters:
        if name != EVERY_MEMBER:
            yield ("spec", "clusters", name), name


def _check_name(source: Source, path: PathKey, name: str, context: Context) -> None:
    members = context.members
    if members.status(name) != "unknown":
        return
    near = get_close_matches(name, [*members.by_name, *sorted(members.other_stacks)], n=1)
    remedy = "name one of them, or list it under plan.knownMembers if another stack has it"
    if near:
        remedy = (
            f'did you mean "{near[0]}"? If another stack has a member of that name, list it under plan.knownMembers'
        )
    if name in members.former:
        remedy = f'write "{members.former[name]}": the member is called so now (formerNames)'
    context.findings.unknown(source, path, f'"{name}" is not a member (members: {members})', remedy)


def _check_overridden(document: FederatedObject, selection: Selection, members: Members, findings: Findings) -> None:
    if not document.overrides:
        return
    selected = frozenset(selection.members)
    for entry in document.overrides:
        name = entry.cluster_name
        if entry.cluster_selector is not None or name in selected or name not in members.by_name:
            continue
        why = selection.reasons.get(name, ("",))[-1]
        message = (
            f'the override for "{name}" has no effect: {document.target.kind} {document.key} does not go there ({why})'
        )
        path: PathKey = ("spec", "overrides", entry.index, "clusterName")
        findings.silence(document.source, path, message, "place it there, or drop the override")
