"""What runs in the members just now? All of them are asked at once.

A listing a kind and member, and the pods of those workloads only that are not as they are meant to be. A member that
does not answer in time costs a line, and keeps nobody else waiting.
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

PAGE: Final = 500  # objects in one answer
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
class _Question:
    """What every member is asked: how long it may take, and the workloads that a preference divides, by type."""

    at: datetime
    seconds: float
    wanted: Mapping[Type, frozenset[Name]]
    transport: httpx2.AsyncBaseTransport | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    nodes: int
    seen: Mapping[Name, ObservedReplicas]


def facts(
    plan: Plan,
    kubeconfigs: Mapping[str, str],
    *,
    at: datetime,
    seconds: float,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> Facts:
    """Ask every member of ``plan`` that is available, by ``kubeconfigs`` (JSON, by member), for ``seconds`` at most.

    ``transport`` stands in for the network. Nothing is raised: a member that cannot be asked is among ``silent``.
    """
    question = _Question(at=at, seconds=seconds, wanted=_wanted(plan), transport=transport)
    answers = asyncio.run(_ask_all(plan, kubeconfigs, question))
    heard = {name: answer for name, answer in answers.items() if isinstance(answer, _Answer)}
    return Facts(
        stack=plan.stack,
        observed_at=at,
        nodes={name: answer.nodes for name, answer in heard.items()},
        workloads=_by_workload(question.wanted, heard),
        silent={name: answer for name, answer in answers.items() if isinstance(answer, str)},
    )


def _wanted(plan: Plan) -> Mapping[Type, frozenset[Name]]:
    divided = {(each.kind, each.namespace, each.name) for each in plan.workloads if each.distribution is not None}
    found: dict[Type, set[Name]] = {}
    for member in plan.members:
        for each in member.objects:
            if each.kind in OBSERVED_KINDS and (each.kind, each.namespace, each.name) in divided:
                found.setdefault((each.api_version, each.kind), set()).add((each.namespace, each.name))
    return {key: frozenset(names) for key, names in sorted(found.items())}


def _by_workload(wanted: Mapping[Type, frozenset[Name]], heard: Mapping[str, _Answer]) -> dict[str, SeenWorkload]:
    found = {}
    for (_, kind), names in wanted.items():
        for name in sorted(names):
            members = {member: answer.seen[name] for member, answer in heard.items() if name in answer.seen}
            found["/".join(name)] = SeenWorkload(kind=kind, members=members)
    return found


async def _ask_all(plan: Plan, kubeconfigs: Mapping[str, str], question: _Question) -> dict[str, _Answer | str]:
    names = [member.name for member in plan.members]
    said = {member.name: "held: not asked" for member in plan.members if not member.available}
    said |= {name: "not up yet" for name in names if name not in kubeconfigs and name not in said}
    asked = [name for name in names if name not in said]
    answers = await asyncio.gather(*(_ask(kubeconfigs[name], question) for name in asked))
    return {**said, **dict(zip(asked, answers, strict=True))}


async def _ask(kubeconfig: str, question: _Question) -> _Answer | str:
    """One member's answer, or why there is none."""
    try:
        async with asyncio.timeout(question.seconds):
            config = api_client.config(kubeconfig)
            timeout = httpx2.Timeout(question.seconds)
            async with AsyncClient(config, timeout=timeout, trust_env=False, transport=question.transport) as client:
                return await _answer(client, question)
    except TimeoutError:
        return f"does not answer within {question.seconds:g} s"
    except api_client.FAULTS as error:
        return f"does not answer: {str(error) or type(error).__name__}"


async def _answer(client: AsyncClient, question: _Question) -> _Answer:
    nodes, *listed = await asyncio.gather(
        _list(client, ("v1", "Node"), namespaced=False),
        *(_list(client, type_, labels={MANAGED_LABEL: "true"}) for type_ in question.wanted),
    )
    gate = asyncio.Semaphore(AT_ONCE)
    found = [
        (_name(live), live)
        for names, objects in zip(question.wanted.values(), listed, strict=True)
        for live in objects
        if _name(live) in names
    ]
    seen = await asyncio.gather(*(_sighting(client, live, question.at, gate) for _, live in found))
    return _Answer(nodes=len(nodes), seen=dict(zip((name for name, _ in found), seen, strict=True)))


async def _sighting(client: AsyncClient, live: Tree, at: datetime, gate: asyncio.Semaphore) -> ObservedReplicas:
    told = observed_replicas.from_status(live)
    if told is not None:
        return told
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
        # A second requirement on one key cannot be said here; what it would leave out is counted then.
        labels.setdefault(each["key"], _OPERATORS[each["operator"]](each.get("values") or ()))
    return labels
