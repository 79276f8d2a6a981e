"""Which Services does an Ingress lead to, and how many replicas stand behind them?"""

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
    """The workloads behind an Ingress in one member, with their replicas. ``unknown`` says why nobody can tell;
    ``elsewhere``: none are here, but the federation has some for it in other members, which may be held."""

    workloads: tuple[tuple[PlacedObject, int], ...] = ()
    elsewhere: bool = False
    unknown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backends:
    """The Services of all members, to be asked what of ``crowd`` stands behind an Ingress by way of them.

    ``selectors`` are by member, namespace and name.
    """

    crowd: PodIndex
    selectors: Mapping[tuple[str, str, str], Mapping[str, Any]]

    @classmethod
    def of(cls, drafts: Iterable[PlacedObject], crowd: PodIndex) -> "Backends":
        """The Services among ``drafts``."""
        services = (each for each in drafts if each.kind == "Service" and each.rendered.api_version == "v1")
        return cls(
            crowd=crowd, selectors={(each.member, each.namespace, each.name): _selector(each) for each in services}
        )

    def behind(self, ingress: PlacedObject) -> Behind:
        """What stands behind ``ingress`` in its member; a workload behind two of its Services counts once."""
        named = services(ingress.rendered.manifest)
        if not named:
            return Behind(unknown="it names no Service")
        found: dict[str, tuple[PlacedObject, int]] = {}
        selectors = []
        for name in named:
            selector = self.selectors.get((ingress.member, ingress.namespace, name))
            if selector is None:
                return Behind(unknown=f"Service {name} does not go there")
            if not selector:
                return Behind(unknown=f"Service {name} has no selector")
            selectors.append(selector)
            for draft, replicas in self.crowd.behind(selector, ingress.namespace, ingress.member):
                found[draft.logical_name] = (draft, replicas)
        elsewhere = not found and any(self.crowd.knows(selector, ingress.namespace) for selector in selectors)
        return Behind(workloads=tuple(found[name] for name in sorted(found)), elsewhere=elsewhere)


def _selector(service: PlacedObject) -> Mapping[str, Any]:
    return mapping(mapping(service.rendered.manifest.get("spec")).get("selector"))
