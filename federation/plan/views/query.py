"""Find the object of a plan that a query like ``deploy/web`` names.

A kind matches by its name, its plural or kubectl's short name, in upper or lower case. The error for a query without a
match lists near matches.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from federation.api.model import types
from federation.errors import suggestions
from federation.errors.fault import FederationError
from federation.plan.model.plan import Plan, Workload

__all__ = ["NotFoundError", "ObjectQuery", "find_workload", "parse_query"]

_SHORT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cj": "CronJob",
        "cm": "ConfigMap",
        "crd": "CustomResourceDefinition",
        "deploy": "Deployment",
        "ds": "DaemonSet",
        "ep": "Endpoints",
        "hpa": "HorizontalPodAutoscaler",
        "ing": "Ingress",
        "limits": "LimitRange",
        "netpol": "NetworkPolicy",
        "ns": "Namespace",
        "pc": "PriorityClass",
        "pdb": "PodDisruptionBudget",
        "po": "Pod",
        "pv": "PersistentVolume",
        "pvc": "PersistentVolumeClaim",
        "quota": "ResourceQuota",
        "rc": "ReplicationController",
        "rs": "ReplicaSet",
        "sa": "ServiceAccount",
        "sc": "StorageClass",
        "sts": "StatefulSet",
        "svc": "Service",
    }
)


class NotFoundError(FederationError):
    """The command line names nothing that is planned, or more than one thing."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectQuery:
    """A query as the user wrote it; ``namespace`` is "" when none was given."""

    kind: str
    name: str
    namespace: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.namespace, self.kind, self.name) if part)


def parse_query(text: str, namespace: str = "") -> ObjectQuery:
    """Parse ``[NAMESPACE/]KIND/NAME``; ``NotFoundError`` for anything else, and for two different namespaces."""
    parts = text.split("/")
    if len(parts) not in (2, 3) or not all(parts):
        raise NotFoundError(f'"{text}" is not KIND/NAME or NAMESPACE/KIND/NAME, such as deployment/web')
    own = parts[0] if len(parts) == 3 else ""
    if own and namespace and own != namespace:
        raise NotFoundError(f'"{text}" is in namespace {own}, and --namespace says {namespace}; name one of them')
    return ObjectQuery(kind=parts[-2], name=parts[-1], namespace=own or namespace)


def find_workload(plan: Plan, query: ObjectQuery) -> Workload:
    """The one workload that matches; ``NotFoundError`` lists near names, or all the matches when there are several."""
    of_kind = [each for each in plan.workloads if _is_called(each.kind, query.kind)]
    matching = [each for each in of_kind if each.name == query.name and query.namespace in ("", each.namespace)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        several = suggestions.listed(_named(matching))
        raise NotFoundError(f"{query} is the name of {len(matching)} objects; name its namespace: {several}")
    if not of_kind:
        kinds = {each.kind for each in plan.workloads}
        raise NotFoundError(f'nothing of kind "{query.kind}" is federated; {suggestions.remedy(query.kind, kinds)}')
    raise NotFoundError(_not_found(query, of_kind, plan.workloads))


def _is_called(kind: str, word: str) -> bool:
    lower = word.lower().removeprefix("federated")
    return lower in (kind.lower(), types.plural(kind)) or _SHORT.get(lower) == kind


def _named(workloads: Iterable[Workload]) -> list[str]:
    return ["/".join(part for part in (each.namespace, each.kind, each.name) if part) for each in workloads]


def _not_found(query: ObjectQuery, of_kind: list[Workload], workloads: Iterable[Workload]) -> str:
    kind = of_kind[0].kind
    in_other_namespaces = [each for each in of_kind if each.name == query.name]
    same_name = [each for each in workloads if each.name == query.name and each.kind != kind]
    near = suggestions.nearest(query.name, {each.name for each in of_kind})
    meant = in_other_namespaces or [each for each in of_kind if each.name == near] or same_name
    hint = f"did you mean {suggestions.listed(_named(meant))}? " if meant else ""
    return f"there is no {query}; {hint}({kind}: {suggestions.listed(_named(of_kind))})"
