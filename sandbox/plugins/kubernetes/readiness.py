"""Is a live object ready, and if not, what is it waiting for?

Pure: an object, and what was looked up beside it, goes in; a verdict comes out. The rules are those of the official
provider, kind by kind; a kind without a rule is ready once it exists.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Tree = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`ready`, `waiting` or `failed` (nothing will make it ready), and what is missing."""

    status: Literal["ready", "waiting", "failed"]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What some rules look at beside the object itself: a Service's EndpointSlices, a claim's binding mode."""

    slices: Sequence[Tree] = ()
    binding_mode: str = ""


READY: Final = Verdict(status="ready")
NOTHING: Final = Beside()


def judge(live: Tree, beside: Beside = NOTHING) -> Verdict:
    """Say whether a live object is ready."""
    rule = _RULES.get((live.get("apiVersion", "").partition("/")[0], live.get("kind", "")))
    return rule(live, beside) if rule else READY


def glance(live: Tree) -> Verdict:
    """Judge a live object by itself alone, as a refresh does: a Service's pods are not looked at."""
    if live.get("kind") == "Service" and wants_pods(live):
        return judge({**live, "spec": {**_spec(live), "selector": None}})
    if live.get("kind") == "PersistentVolumeClaim":
        return READY
    return judge(live)


def awaited(live: Tree) -> bool:
    """Say whether objects of this kind are waited for at all."""
    return (live.get("apiVersion", "").partition("/")[0], live.get("kind", "")) in _RULES


def wants_pods(service: Tree) -> bool:
    """Say whether a Service is expected to have ready pods behind it."""
    spec = _spec(service)
    return bool(spec.get("selector")) and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None"


def complaints(pods: Sequence[Tree]) -> list[str]:
    """List what keeps pods from being ready, each reason once: unschedulable, images, crashes."""
    found: dict[str, None] = {}
    for pod in pods:
        name = (pod.get("metadata") or {}).get("name", "")
        status = _status(pod)
        scheduled = _condition(pod, "PodScheduled")
        if scheduled.get("status") == "False":
            found[f"[Pod {name}]: {scheduled.get('reason', 'Unschedulable')}: {scheduled.get('message', '')}"] = None
        for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
            states = container.get("state") or {}
            waiting = states.get("waiting") or {}
            if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
                text = f"{waiting['reason']}: {waiting.get('message', '')}".rstrip(": ")
                found[f"[Pod {name}]: container {container.get('name')}: {text}"] = None
    return list(found)


def _deployment(live: Tree, _beside: Beside) -> Verdict:
    spec, status = _spec(live), _status(live)
    progressing = _condition(live, "Progressing")
    if progressing.get("reason") == "ProgressDeadlineExceeded" and _observed(live):
        return Verdict(status="failed", reasons=(progressing.get("message") or "the progress deadline has passed",))
    if not _observed(live):
        return _waiting("the rollout has not been noticed by the Deployment controller yet")
    if spec.get("paused"):
        return READY
    wanted = spec.get("replicas", 1)
    updated, total = status.get("updatedReplicas", 0), status.get("replicas", 0)
    available = status.get("availableReplicas", 0)
    if updated < wanted:
        return _waiting(f"{updated} of {wanted} pods have been updated")
    if total > updated:
        return _waiting(f"{total - updated} old pods have not ended yet")
    return READY if available >= wanted else _waiting(f"{available} of {wanted} pods are available")


def _stateful_set(live: Tree, _beside: Beside) -> Verdict:
    spec, status = _spec(live), _status(live)
    if not _observed(live):
        return _waiting("the rollout has not been noticed by the StatefulSet controller yet")
    wanted, ready = spec.get("replicas", 1), status.get("readyReplicas", 0)
    if ready < wanted:
        return _waiting(f"{ready} of {wanted} pods are ready")
    strategy = spec.get("updateStrategy") or {}
    partition = (strategy.get("rollingUpdate") or {}).get("partition", 0)
    if strategy.get("type") == "OnDelete" or wanted == 0:
        return READY
    updated = status.get("updatedReplicas", 0)
    if updated < wanted - partition:
        return _waiting(f"{updated} of {wanted - partition} pods have been updated")
    return READY


def _daemon_set(live: Tree, _beside: Beside) -> Verdict:
    status = _status(live)
    if not _observed(live):
        return _waiting("the rollout has not been noticed by the DaemonSet controller yet")
    wanted = status.get("desiredNumberScheduled", 0)
    rolling = (_spec(live).get("updateStrategy") or {}).get("type") != "OnDelete"
    updated, available = status.get("updatedNumberScheduled", 0), status.get("numberAvailable", 0)
    if rolling and updated < wanted:
        return _waiting(f"{updated} of {wanted} pods have been updated")
    return READY if available >= wanted else _waiting(f"{available} of {wanted} pods are available")


def _job(live: Tree, _beside: Beside) -> Verdict:
    failed = _condition(live, "Failed")
    if failed.get("status") == "True":
        why = f"{failed.get('reason', 'Failed')}: {failed.get('message', '')}".rstrip(": ")
        return Verdict(status="failed", reasons=(f"the Job failed: {why}",))
    if _condition(live, "Complete").get("status") == "True" or _spec(live).get("suspend"):
        return READY
    return _waiting(
        f"the Job has {_status(live).get('succeeded', 0)} of {_spec(live).get('completions', 1)} completions"
    )


def _pod(live: Tree, _beside: Beside) -> Verdict:
    phase = _status(live).get("phase")
    if phase == "Failed":
        return Verdict(status="failed", reasons=(_status(live).get("message") or "the pod failed",))
    if phase == "Succeeded" or _condition(live, "Ready").get("status") == "True":
        return READY
    return _waiting(f"the pod is {phase or 'not scheduled'} and not ready", *complaints([live]))


def _service(live: Tree, beside: Beside) -> Verdict:
    missing: list[str] = []
    if wants_pods(live) and not any(_serving(item) for item in beside.slices):
        missing.append(
            "the Service has no ready pods: those that it selects are not ready, or its selector matches none"
        )
    if _spec(live).get("type") == "LoadBalancer" and not _balancer(live):
        missing.append("the Service has no load balancer address yet")
    return _waiting(*missing) if missing else READY


def _ingress(live: Tree, _beside: Beside) -> Verdict:
    return READY if _balancer(live) else _waiting("the Ingress has no load balancer address yet")


def _claim(live: Tree, beside: Beside) -> Verdict:
    if _status(live).get("phase") == "Bound" or beside.binding_mode in ("WaitForFirstConsumer", "none"):
        return READY
    return _waiting("the claim is not bound to a volume")


def _definition(live: Tree, _beside: Beside) -> Verdict:
    refused = _condition(live, "NamesAccepted")
    if refused.get("status") == "False":
        return Verdict(status="failed", reasons=(f"its names were not accepted: {refused.get('message', '')}",))
    established = _condition(live, "Established").get("status") == "True"
    return READY if established else _waiting("the CustomResourceDefinition is not established")


def _api_service(live: Tree, _beside: Beside) -> Verdict:
    available = _condition(live, "Available")
    return READY if available.get("status") == "True" else _waiting(f"not available: {available.get('message', '')}")


_RULES: Final[Mapping[tuple[str, str], Callable[[Tree, Beside], Verdict]]] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("apps", "DaemonSet"): _daemon_set,
    ("batch", "Job"): _job,
    ("v1", "Pod"): _pod,
    ("v1", "Service"): _service,
    ("networking.k8s.io", "Ingress"): _ingress,
    ("v1", "PersistentVolumeClaim"): _claim,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _definition,
    ("apiregistration.k8s.io", "APIService"): _api_service,
}


def _waiting(*reasons: str) -> Verdict:
    return Verdict(status="waiting", reasons=reasons)


def _spec(live: Tree) -> Tree:
    return live.get("spec") or {}


def _status(live: Tree) -> Tree:
    return live.get("status") or {}


def _observed(live: Tree) -> bool:
    generation = (live.get("metadata") or {}).get("generation", 0)
    return bool(_status(live).get("observedGeneration", 0) >= generation)


def _condition(live: Tree, kind: str) -> Tree:
    return next((item for item in _status(live).get("conditions") or [] if item.get("type") == kind), {})


def _balancer(live: Tree) -> bool:
    return bool((_status(live).get("loadBalancer") or {}).get("ingress"))


def _serving(endpoint_slice: Tree) -> bool:
    # An endpoint without the condition counts as ready, by the API's definition.
    return any((item.get("conditions") or {}).get("ready", True) for item in endpoint_slice.get("endpoints") or [])
