"""Read from a live object's status whether it is ready: replicas, rollout, failure, deletion."""

from dataclasses import dataclass
from typing import Any

from federation.api.model.federated import Tree
from federation.plan.model.trees import mapping, mappings
from federation.plan.objects.pods import SCALED_KINDS

__all__ = ["Readiness", "read_readiness"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The ``ready`` and ``desired`` replicas (``None`` for kinds without), and the ``problem``, if any."""

    desired: int | None = None
    ready: int | None = None
    problem: str = ""


def read_readiness(live: Tree) -> Readiness:
    """The readiness of ``live``. An object whose status does not show it is ready as soon as it exists."""
    kind, spec, status = live.get("kind"), mapping(live.get("spec")), mapping(live.get("status"))
    desired = ready = None
    if kind in SCALED_KINDS:
        desired, ready = _number(spec.get("replicas", 1)), _number(status.get("readyReplicas"))
    elif kind == "DaemonSet":
        desired, ready = _number(status.get("desiredNumberScheduled")), _number(status.get("numberReady"))
    return Readiness(desired=desired, ready=ready, problem=_problem(live, spec, status))


def _problem(live: Tree, spec: Tree, status: Tree) -> str:
    metadata = mapping(live.get("metadata"))
    if metadata.get("deletionTimestamp"):
        finalizers = ", ".join(map(str, metadata.get("finalizers") or ()))
        return f"is being deleted; finalizers left: {finalizers}" if finalizers else "is being deleted"
    match live.get("kind"):
        case "Deployment" | "StatefulSet" | "DaemonSet" if _number(status.get("observedGeneration")) < _number(
            metadata.get("generation")
        ):
            return "its controller has not seen the last change"
        case "Deployment":
            return _rollout(spec, status)
        case "Job" if condition := _condition(status, "Failed", "True"):
            return f"failed: {_reason(condition)}"
        case "CustomResourceDefinition" if not _condition(status, "Established", "True"):
            return "is not established"
        case "PersistentVolumeClaim" if status.get("phase") == "Lost":
            return "its volume is lost"
    return ""


def _rollout(spec: Tree, status: Tree) -> str:
    if condition := _condition(status, "Progressing", "False"):
        return _reason(condition)
    desired, updated = _number(spec.get("replicas", 1)), _number(status.get("updatedReplicas"))
    return "" if spec.get("paused") or updated >= desired else f"{updated} of {desired} replicas are updated"


def _condition(status: Tree, type_: str, value: str) -> Tree:
    matching = [each for each in mappings(status.get("conditions")) if each.get("type") == type_]
    return matching[0] if matching and matching[0].get("status") == value else {}


def _reason(condition: Tree) -> str:
    return str(condition.get("reason") or condition.get("message") or "no reason given")


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
