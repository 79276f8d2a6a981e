"""Decide whether the plan or a HorizontalPodAutoscaler owns ``spec.replicas`` of a workload.

An autoscaler owns the number from the first update on, and updates leave it alone. There is one exception: an
autoscaler does nothing for a workload with 0 replicas. Where the last update left 0, this one has to set one first.

For a number that is left alone, the engine sends the number of the last update. The index records the same, so that no
plan announces a number that is not sent.
"""

from collections.abc import Iterable

from federation.api.model.federated import Tree
from federation.plan.model import object_index
from federation.plan.model.digests import Digester
from federation.plan.model.findings import Findings
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import PlannedObject
from federation.plan.model.trees import mapping
from federation.plan.objects.placed_objects import PlacedObject
from federation.plan.objects.retention import REPLICAS_FIELD

__all__ = ["Autoscalers", "sent"]


class Autoscalers:
    """The HorizontalPodAutoscalers of all members, including paused ones, by the workload that each scales."""

    def __init__(self, placed_objects: Iterable[PlacedObject], observed: Observed) -> None:
        self._by_target: dict[tuple[str, str, str, str], PlacedObject] = {}
        for placed in placed_objects:
            if placed.kind == "HorizontalPodAutoscaler":
                target = mapping(mapping(placed.rendered.manifest.get("spec")).get("scaleTargetRef"))
                named = (str(target.get("kind")), placed.namespace, str(target.get("name")))
                self._by_target[placed.member, *named] = placed
        registered = (observed.registered or {}).values() if self._by_target else ()
        self._empty = {entry.logical_name for entries in registered for entry in entries if entry.replicas == 0}

    def ignored(self, placed: PlacedObject, findings: Findings) -> tuple[str, ...]:
        """The paths of ``placed`` that updates leave alone."""
        autoscaler = self._by_target.get((placed.member, *placed.key)) if self._by_target else None
        if autoscaler is None or placed.ignore_changes:
            return placed.ignore_changes
        if placed.divided and not autoscaler.divided and not autoscaler.resting:
            _report_undivided(placed, autoscaler, findings)
        return () if placed.logical_name in self._empty else (REPLICAS_FIELD,)


def sent(planned: PlannedObject, last: IndexEntry | None, digester: Digester) -> tuple[str, int]:
    """The digest and the replicas (-1: none) of ``planned`` for the new index; ``last`` is its entry in the old one."""
    count = -1 if planned.replicas is None else planned.replicas
    if last is None or last.replicas < 0 or REPLICAS_FIELD not in planned.ignore_changes:
        return _digest(planned.manifest, digester), count
    manifest = planned.manifest if last.replicas == count else _with_replicas(planned.manifest, last.replicas)
    digest = _digest(manifest, digester)
    # The entry of a workload without a sent number has 1 replica, and no number is sent now.
    if digest != last.digest and _digest(_with_replicas(manifest, None), digester) == last.digest:
        return last.digest, last.replicas
    return digest, last.replicas


def _digest(manifest: Tree, digester: Digester) -> str:
    return digester.of(manifest)[: object_index.DIGEST_LENGTH]


def _with_replicas(manifest: Tree, count: int | None) -> Tree:
    spec = {key: value for key, value in mapping(manifest.get("spec")).items() if key != "replicas"}
    return {**manifest, "spec": spec if count is None else {**spec, "replicas": count}}


def _report_undivided(placed: PlacedObject, autoscaler: PlacedObject, findings: Findings) -> None:
    message = (
        f"HorizontalPodAutoscaler {autoscaler.name} is the same in every member, while the replicas of {placed.kind} "
        f"{placed.namespace}/{placed.name} are divided: its template does not say both what it scales and maxReplicas"
    )
    remedy = "put scaleTargetRef and maxReplicas into the template; overrides may differ from it"
    findings.in_member(placed.member).warning(autoscaler.source, ("spec", "template"), message, remedy)
