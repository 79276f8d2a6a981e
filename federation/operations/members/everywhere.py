"""Send one request to all members of a stack at once, for lists of objects and for logs.

Members are reached as the last update left them, whatever the documents contain now. A member that does not answer in
time has a reason in place of a result, and delays no other.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from federation.errors.fault import FederationError
from federation.operations.engine.outputs import Outputs
from federation.operations.members.discovery import LiveCluster, LiveClusterError, Resource
from federation.plan.model.trees import mapping, mappings

__all__ = ["Log", "Silent", "Table", "ask", "hidden", "logs_of", "objects", "rows", "selector"]

SECONDS: Final = 10.0
AS_TABLE: Final = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
HIDDEN: Final = "(hidden)"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A member that gave no answer, and why."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Objects of one member as its API server prints them: ``columns``, and a row for each object."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The log of one container."""

    path: str
    pod: str
    container: str


def ask(
    last: Outputs, request: Callable[[LiveCluster], T], *, member: str = "", seconds: float = SECONDS
) -> dict[str, T | Silent]:
    """The result of ``request`` by member, sorted by name: of all members of ``last``, or of ``member`` alone."""
    answers: dict[str, T | Silent] = {}

    def run(name: str) -> None:
        try:
            answers[name] = request(LiveCluster.of_member(name, last.kubeconfigs[name], seconds))
        except FederationError as error:
            answers[name] = Silent(reason=str(error).removeprefix(f"{name} "))

    names = [member] if member else sorted(last.members)
    unreachable = {name: Silent(reason=reason) for name in names if (reason := _unreachable(last, name))}
    started = [threading.Thread(target=run, args=(name,), daemon=True) for name in names if name not in unreachable]
    for thread in started:
        thread.start()
    deadline = time.monotonic() + seconds
    for thread in started:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = Silent(reason=f"does not answer within {seconds:g} s")
    return {name: unreachable.get(name) or answers.get(name, late) for name in names}


def _unreachable(last: Outputs, name: str) -> str:
    if name in last.held:
        return "quarantined: no request is sent"
    return "" if name in last.kubeconfigs else "not reachable: the last update does not tell how"


def rows(kind: str, name: str, namespace: str, selector: str) -> Callable[[LiveCluster], Table]:
    """The request for a table; all namespaces where ``namespace`` is "", all names where ``name`` is ""."""

    def of(cluster: LiveCluster) -> Table:
        resource = cluster.find(kind)
        answer = cluster.get(resource.path(namespace), _query(name, selector), accept=AS_TABLE)
        return _table(answer, with_namespace=resource.namespaced and not namespace)

    return of


def objects(kind: str, name: str, namespace: str, selector: str) -> Callable[[LiveCluster], list[Mapping[str, Any]]]:
    """The request for whole objects; values of Secrets are hidden."""

    def of(cluster: LiveCluster) -> list[Mapping[str, Any]]:
        resource = cluster.find(kind)
        found = mappings(cluster.get(resource.path(namespace), _query(name, selector)).get("items"))
        return [hidden({"apiVersion": resource.api_version, "kind": resource.kind, **each}) for each in found]

    return of


def hidden(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """``tree`` without managed fields; the values of a Secret hidden."""
    metadata = {key: each for key, each in mapping(tree.get("metadata")).items() if key != "managedFields"}
    if tree.get("kind") != "Secret":
        return {**tree, "metadata": metadata}
    metadata.pop("annotations", None)  # kubectl keeps a copy of the values there
    parts = {key: dict.fromkeys(mapping(tree[key]), HIDDEN) for key in ("data", "stringData") if key in tree}
    return {**tree, "metadata": metadata, **parts}


def logs_of(kind: str, name: str, namespace: str, container: str) -> Callable[[LiveCluster], list[Log]]:
    """The request for the logs of an object's pods, or of one pod."""

    def of(cluster: LiveCluster) -> list[Log]:
        resource = cluster.find(kind)
        found = mappings(cluster.get(resource.path(namespace), _query(name, "")).get("items"))
        if not found:
            raise LiveClusterError(f"{cluster.name} has no {resource.kind} {name}")
        return [log for each in found for pod in _pods(cluster, resource, each) for log in _logs(pod, container)]

    return of


def _pods(cluster: LiveCluster, resource: Resource, tree: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if resource.kind == "Pod":
        return [tree]
    chosen = selector(mapping(mapping(tree.get("spec")).get("selector")))
    if not chosen:
        raise LiveClusterError(f"{cluster.name} does not tell the pods of a {resource.kind}; name a workload or a pod")
    namespace = mapping(tree.get("metadata")).get("namespace", "")
    return mappings(cluster.get(f"/api/v1/namespaces/{namespace}/pods", {"labelSelector": chosen}).get("items"))


def _logs(pod: Mapping[str, Any], container: str) -> Iterator[Log]:
    metadata, spec = mapping(pod.get("metadata")), mapping(pod.get("spec"))
    path = f"/api/v1/namespaces/{metadata.get('namespace')}/pods/{metadata.get('name')}/log"
    for each in mappings(spec.get("containers")):
        if container in ("", each.get("name")):
            yield Log(path=path, pod=str(metadata.get("name")), container=str(each.get("name")))


def selector(tree: Mapping[str, Any]) -> str:
    """A selector in the API's text form; a Service's selector is a plain mapping of labels."""
    if not ({"matchLabels", "matchExpressions"} & set(tree)):
        return ",".join(f"{key}={value}" for key, value in tree.items())
    parts = [f"{key}={value}" for key, value in mapping(tree.get("matchLabels")).items()]
    for each in mappings(tree.get("matchExpressions")):
        values = ",".join(map(str, each.get("values") or ()))
        key = each.get("key")
        forms = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": f"{key}"}
        parts.append(forms.get(str(each.get("operator")), f"!{key}"))
    return ",".join(parts)


def _query(name: str, selector: str) -> dict[str, str]:
    fields = {"fieldSelector": f"metadata.name={name}"} if name else {}
    return {**fields, **({"labelSelector": selector} if selector else {})}


def _table(answer: Mapping[str, Any], *, with_namespace: bool) -> Table:
    """The server's own columns, without those of the wide output."""
    if answer.get("kind") != "Table":  # an extension API server without tables
        found = [mapping(each.get("metadata")) for each in mappings(answer.get("items"))]
        shown, cells = ["NAME"], [([str(each.get("name"))], each) for each in found]
    else:
        columns = mappings(answer.get("columnDefinitions"))
        chosen = [index for index, each in enumerate(columns) if not each.get("priority")]
        shown = [str(columns[index]["name"]).upper() for index in chosen]
        cells = [
            ([_cell(each["cells"][index]) for index in chosen], mapping(mapping(each.get("object")).get("metadata")))
            for each in mappings(answer.get("rows"))
        ]
    first = ["NAMESPACE"] if with_namespace else []
    made = [([str(metadata.get("namespace", ""))] if with_namespace else []) + row for row, metadata in cells]
    return Table(columns=(*first, *shown), rows=tuple(map(tuple, made)))


def _cell(value: Any) -> str:
    return "" if value is None else str(value)
