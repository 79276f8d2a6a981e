"""Observe the replicas that run in all members now, with requests to all members at once.

It needs one listing a kind and member, and the pods of workloads that are not fully ready. A member that does not
answer in time costs a line, and delays no other.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import httpx2
from lightkube import ApiError, AsyncClient, operators

from federation.api.model.federated import Tree
from federation.components.clusters import api_client
from federation.operations.project.facts import Facts, SeenWorkload
from federation.plan.model.plan import Plan
from federation.plan.model.trees import mapping, mappings
from federation.plan.objects.manifests import MANAGED_LABEL
from federation.plan.replicas import observed_replicas
from federation.plan.replicas.observed_replicas import OBSERVED_KINDS, ObservedReplicas

__all__ = ["facts"]

PAGE: Final = 500  # objects in one response
AT_ONCE: Final = 16  # listings of pods in one member

_OPERATORS: Final[Mapping[str, Any]] = {
    "In": operators.in_,
    "NotIn": operators.not_in,
    "Exists": lambda _: operators.exists(),
    "DoesNotExist": lambda _: operators.not_exists(),
}

Type = tuple[str, str]  # apiVersion and kind
Name = tuple[str, str]  # namespace and name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """The request to every member: its time limit, and the workloads that a preference divides, by type."""

    at: datetime
    seconds: float
    wanted: Mapping[Type, frozenset[Name]]
    transport: httpx2.AsyncBaseTransport | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Response:
    nodes: int
    replicas: Mapping[Name, ObservedReplicas]


def facts(
    plan: Plan,
    kubeconfigs: Mapping[str, str],
    *,
    at: datetime,
    seconds: float,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> Facts:
    """Observe every available member of ``plan``, by ``kubeconfigs`` (JSON, by member), for ``seconds`` at most.

    ``transport`` replaces the network. Nothing is raised: a member that cannot be read is among ``silent``.
    """
    request = _Request(at=at, seconds=seconds, wanted=_wanted(plan), transport=transport)
    responses = asyncio.run(_request_all(plan, kubeconfigs, request))
    by_member = {name: response for name, response in responses.items() if isinstance(response, _Response)}
    return Facts(
        stack=plan.stack,
        observed_at=at,
        nodes={name: response.nodes for name, response in by_member.items()},
        workloads=_by_workload(request.wanted, by_member),
        silent={name: response for name, response in responses.items() if isinstance(response, str)},
    )


def _wanted(plan: Plan) -> Mapping[Type, frozenset[Name]]:
    divided = {(each.kind, each.namespace, each.name) for each in plan.workloads if each.distribution is not None}
    found: dict[Type, set[Name]] = {}
    for member in plan.members:
        for each in member.objects:
            if each.kind in OBSERVED_KINDS and (each.kind, each.namespace, each.name) in divided:
                found.setdefault((each.api_version, each.kind), set()).add((each.namespace, each.name))
    return {key: frozenset(names) for key, names in sorted(found.items())}


def _by_workload(wanted: Mapping[Type, frozenset[Name]], by_member: Mapping[str, _Response]) -> dict[str, SeenWorkload]:
    workloads = {}
    for (_, kind), names in wanted.items():
        for name in sorted(names):
            members = {
                member: response.replicas[name] for member, response in by_member.items() if name in response.replicas
            }
            workloads["/".join(name)] = SeenWorkload(kind=kind, members=members)
    return workloads


async def _request_all(plan: Plan, kubeconfigs: Mapping[str, str], request: _Request) -> dict[str, _Response | str]:
    names = [member.name for member in plan.members]
    unreachable = {member.name: "quarantined: no request is sent" for member in plan.members if not member.available}
    unreachable |= {name: "not up yet" for name in names if name not in kubeconfigs and name not in unreachable}
    reachable = [name for name in names if name not in unreachable]
    responses = await asyncio.gather(*(_request(kubeconfigs[name], request) for name in reachable))
    return {**unreachable, **dict(zip(reachable, responses, strict=True))}


async def _request(kubeconfig: str, request: _Request) -> _Response | str:
    """One member's response, or the reason why there is none."""
    try:
        async with asyncio.timeout(request.seconds):
            config = api_client.config(kubeconfig)
            timeout = httpx2.Timeout(request.seconds)
            async with AsyncClient(config, timeout=timeout, trust_env=False, transport=request.transport) as client:
                return await _read(client, request)
    except TimeoutError:
        return f"does not answer within {request.seconds:g} s"
    except api_client.FAULTS as error:
        return f"does not answer: {str(error) or type(error).__name__}"


async def _read(client: AsyncClient, request: _Request) -> _Response:
    nodes, *listed = await asyncio.gather(
        _list(client, ("v1", "Node"), namespaced=False),
        *(_list(client, type_, labels={MANAGED_LABEL: "true"}) for type_ in request.wanted),
    )
    gate = asyncio.Semaphore(AT_ONCE)
    wanted = [
        (_name(live), live)
        for names, objects in zip(request.wanted.values(), listed, strict=True)
        for live in objects
        if _name(live) in names
    ]
    replicas = await asyncio.gather(*(_replicas(client, live, request.at, gate) for _, live in wanted))
    return _Response(nodes=len(nodes), replicas=dict(zip((name for name, _ in wanted), replicas, strict=True)))


async def _replicas(client: AsyncClient, live: Tree, at: datetime, gate: asyncio.Semaphore) -> ObservedReplicas:
    by_status = observed_replicas.from_status(live)
    if by_status is not None:
        return by_status
    async with gate:
        namespace, _ = _name(live)
        pods = await _list(client, ("v1", "Pod"), namespace=namespace, labels=_selector(live))
    return observed_replicas.from_pods(live, pods, at)


async def _list(
    client: AsyncClient,
    type_: Type,
    *,
    namespace: str = "*",
    labels: dict[str, Any] | None = None,
    namespaced: bool = True,
) -> list[Tree]:
    resource: Any = api_client.resource(*type_, namespaced=namespaced)
    where: dict[str, Any] = {"namespace": namespace} if namespaced else {}
    try:
        return [dict(each) async for each in client.list(resource, labels=labels, chunk_size=PAGE, **where)]
    except ApiError as error:
        if error.status.code == HTTPStatus.NOT_FOUND:  # a type that the member does not serve
            return []
        raise


def _name(live: Tree) -> Name:
    metadata = live["metadata"]
    return (metadata.get("namespace", ""), metadata["name"])


def _selector(live: Tree) -> dict[str, Any]:
    selector = mapping(mapping(live.get("spec")).get("selector"))
    labels: dict[str, Any] = dict(mapping(selector.get("matchLabels")))
    for each in mappings(selector.get("matchExpressions")):
        # lightkube takes one requirement a key: pods that a second one would exclude are counted.
        labels.setdefault(each["key"], _OPERATORS[each["operator"]](each.get("values") or ()))
    return labels
