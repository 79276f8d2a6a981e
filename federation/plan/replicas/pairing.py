"""Pair each ReplicaSchedulingPreference with the federated workload of its kind, namespace and name."""

from collections.abc import Mapping
from typing import Final

from federation.api.model.documents import Documents
from federation.api.model.federated import FederatedObject
from federation.api.model.scheduling import ReplicaSchedulingPreference
from federation.plan.model.findings import Findings
from federation.plan.replicas.jobs import PARALLELISM_PATH
from federation.plan.replicas.preference import REPLICAS_PATH

__all__ = ["DIVIDED", "pair_preferences", "target_key"]

DIVIDED: Final[Mapping[str, str]] = {
    "FederatedDeployment": REPLICAS_PATH,
    "FederatedJob": PARALLELISM_PATH,
    "FederatedReplicaSet": REPLICAS_PATH,
    "FederatedStatefulSet": REPLICAS_PATH,
}
"""The kinds that a preference can divide, and the field that it divides."""

_Key = tuple[str, str, str]


def target_key(document: FederatedObject) -> _Key:
    """The federated kind, namespace and name of ``document``, by which preferences are found."""
    return (f"Federated{document.target.kind}", document.namespace, document.name)


def pair_preferences(documents: Documents, findings: Findings) -> Mapping[_Key, ReplicaSchedulingPreference]:
    """The preferences by the key of their targets. One without a target, or for a kind that cannot be divided, is a
    fault."""
    targets = {target_key(document) for document in documents.federated}
    found = {}
    for preference in documents.preferences:
        key = (preference.target_kind, preference.namespace, preference.name)
        if preference.target_kind not in DIVIDED:
            message = f'replicas of a "{preference.target_kind}" cannot be divided (allowed: {", ".join(DIVIDED)})'
            remedy = "name one of these kinds; what a CronJob's Jobs have in a member is set by override"
            findings.error(preference.source, ("spec", "targetKind"), message, remedy)
        elif key not in targets:
            _report_no_target(preference, documents, findings)
        else:
            found[key] = preference
    return found


def _report_no_target(preference: ReplicaSchedulingPreference, documents: Documents, findings: Findings) -> None:
    """Report a preference whose federated workload is not among the documents."""
    key = f"{preference.namespace}/{preference.name}"
    same_kind = [
        document.key for document in documents.federated if f"Federated{document.target.kind}" == preference.target_kind
    ]
    message = f"this preference targets {preference.target_kind} {key}, which does not exist"
    shown = ", ".join(sorted(same_kind)) or "none"
    remedy = f"give the preference the namespace and name of its workload ({preference.target_kind}: {shown})"
    findings.absence(preference.source, ("metadata", "name"), message, remedy)
