"""List the Services that an Ingress leads to, and count the replicas behind them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from federation.api.model.federated import Tree
from federation.plan.dns.weights import PodIndex
from federation.plan.model.trees import mapping, mappings
from federation.plan.objects.placed_objects import PlacedObject

__all__ = ["Backends", "Behind", "services"]


def services(manifest: Tree) -> tuple[str, ...]:
    """The names of the Services, in the Ingress' own namespace, that it leads to."""
    return tuple(sorted(set(_named(mapping(manifest.get("spec"))))))


def _named(spec: Mapping[str, Any]) -> Iterator[str]:
    backends = [mapping(spec.get("defaultBackend"))]
    for rule in mappings(spec.get("rules")):
        backends += (mapping(path.get("backend")) for path in mappings(mapping(rule.get("http")).get("paths")))
    for backend in backends:
        name = mapping(backend.get("service")).get("name")
        if isinstance(name, str):
            yield name


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The workloads behind an Ingress in one member, with their replicas.

    ``unknown`` is the reason why they cannot be counted. ``in_other_members``: this member has none, but other members
    have some, which may be quarantined.
    """

    workloads: tuple[tuple[PlacedObject, int], ...] = ()
    in_other_members: bool = False
    unknown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backends:
    """Find the workloads behind an Ingress: its Services by ``selectors``, their pods in ``pod_index``.

    ``selectors`` are by member, namespace and name of the Service.
    """

    pod_index: PodIndex
    selectors: Mapping[tuple[str, str, str], Mapping[str, Any]]

    @classmethod
    def from_placed(cls, placed_objects: Iterable[PlacedObject], pod_index: PodIndex) -> "Backends":
        """The Services among ``placed_objects``."""
        services = (each for each in placed_objects if each.kind == "Service" and each.rendered.api_version == "v1")
        return cls(
            pod_index=pod_index,
            selectors={(each.member, each.namespace, each.name): _selector(each) for each in services},
        )

    def behind(self, ingress: PlacedObject) -> Behind:
        """The workloads behind ``ingress`` in its member; one behind two of its Services counts once."""
        service_names = services(ingress.rendered.manifest)
        if not service_names:
            return Behind(unknown="it names no Service")
        workloads: dict[str, tuple[PlacedObject, int]] = {}
        selectors = []
        for name in service_names:
            selector = self.selectors.get((ingress.member, ingress.namespace, name))
            if selector is None:
                return Behind(unknown=f"Service {name} does not go there")
            if not selector:
                return Behind(unknown=f"Service {name} has no selector")
            selectors.append(selector)
            for placed, replicas in self.pod_index.behind(selector, ingress.namespace, ingress.member):
                workloads[placed.logical_name] = (placed, replicas)
        in_other_members = not workloads and any(
            self.pod_index.knows(selector, ingress.namespace) for selector in selectors
        )
        return Behind(workloads=tuple(workloads[name] for name in sorted(workloads)), in_other_members=in_other_members)


def _selector(service: PlacedObject) -> Mapping[str, Any]:
    return mapping(mapping(service.rendered.manifest.get("spec")).get("selector"))
