"""For each federated document: where does it go, and with how many replicas?

The namespaces come first, since they limit what is inside them; then every other document, with the preference of its
own name where there is one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from federation.api.documents import Documents
from federation.api.federated import FederatedObject
from federation.api.scheduling import ReplicaSchedulingPreference
from federation.plan import checks, placement
from federation.plan.findings import Findings
from federation.plan.observed import Observed
from federation.plan.placement import Selection
from federation.plan.result import Distribution
from federation.plan.roster import Roster
from federation.plan.scheduling import schedule

__all__ = ["Decision", "decide"]

_SCHEDULED_KINDS: Final = ("FederatedDeployment", "FederatedReplicaSet", "FederatedStatefulSet")

_Preferences = Mapping[tuple[str, str, str], ReplicaSchedulingPreference]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided for ``document``. ``selection`` counts members that are not available; ``members`` does not.

    ``replicas`` is what a preference gives each of ``members``; empty without one.
    """

    document: FederatedObject
    selection: Selection
    members: tuple[str, ...]
    preference: ReplicaSchedulingPreference | None = None
    distribution: Distribution | None = None
    replicas: Mapping[str, int] = field(default_factory=dict)


def decide(documents: Documents, roster: Roster, observed: Observed, findings: Findings) -> tuple[Decision, ...]:
    """Decide for every federated document, in the documents' order."""
    namespaces = {document.name: document for document in documents.federated if _is_namespace(document)}
    around = {name: placement.select(document, tuple(roster.members.values())) for name, document in namespaces.items()}
    preferences = _by_target(documents, findings)
    decisions = []
    for document in checks.propagated(documents, findings):
        namespace = namespaces.get(document.namespace) if document.target.namespaced else None
        preference = preferences.get((f"Federated{document.target.kind}", document.namespace, document.name))
        selection = placement.select(document, tuple(roster.members.values()), namespace=around.get(document.namespace))
        scheduled = None
        if preference is not None:
            scheduled = schedule(
                preference, document, namespace=namespace, roster=roster, observed=observed, findings=findings
            )
        if scheduled is not None:
            selection = scheduled.selection
        checks.check_document(
            document, preference, selection, federated=namespace is not None, roster=roster, findings=findings
        )
        distribution = scheduled.distribution if scheduled else None
        decisions.append(_decision(document, selection, preference, distribution, roster))
    return tuple(decisions)


def _decision(
    document: FederatedObject,
    selection: Selection,
    preference: ReplicaSchedulingPreference | None,
    distribution: Distribution | None,
    roster: Roster,
) -> Decision:
    members = tuple(name for name in selection.members if roster.members[name].available)
    landed = distribution.landed if distribution else {}
    return Decision(
        document=document,
        selection=selection,
        members=members,
        preference=preference if distribution else None,
        distribution=distribution,
        replicas={name: landed[name] for name in members} if distribution else {},
    )


def _is_namespace(document: FederatedObject) -> bool:
    return document.target.kind == "Namespace" and not document.target.group


def _by_target(documents: Documents, findings: Findings) -> _Preferences:
    """The preferences by kind, namespace and name of their targets; those without a target, or of a kind that cannot be
    divided, are faults."""
    targets = {
        (f"Federated{document.target.kind}", document.namespace, document.name) for document in documents.federated
    }
    found = {}
    for preference in documents.preferences:
        key = (preference.target_kind, preference.namespace, preference.name)
        if preference.target_kind not in _SCHEDULED_KINDS:
            message = (
                f'replicas of a "{preference.target_kind}" cannot be divided (allowed: {", ".join(_SCHEDULED_KINDS)})'
            )
            remedy = "name one of these kinds; a Job's parallelism is set by override"
            findings.error(preference.source, ("spec", "targetKind"), message, remedy)
        elif key not in targets:
            checks.report_no_target(preference, documents, findings)
        else:
            found[key] = preference
    return found
