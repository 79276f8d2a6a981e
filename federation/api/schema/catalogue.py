"""List the federated kinds: the type that each stands for, and where that is defined."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from federation.api.model.documents import Documents
from federation.api.model.federated import FederatedObject, TargetType
from federation.api.model.types import FEDERATED_GROUP, KNOWN
from federation.api.reading import crds

__all__ = ["FederatedType", "catalogue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedType:
    """A federated kind (of ``federated_group``): the type it stands for, where that is defined, its document count.

    ``known_from`` has ``built in``, or the places (``file:line``) of its FederatedTypeConfig and its
    CustomResourceDefinition. A type that only a template names has the place of that template; nothing else is known of
    it, and members have to serve it already.
    """

    federated_kind: str
    target: TargetType
    known_from: tuple[str, ...]
    propagation: Literal["Enabled", "Disabled"] = "Enabled"
    documents: int = 0
    federated_group: str = FEDERATED_GROUP


def catalogue(documents: Documents) -> tuple[FederatedType, ...]:
    """Every federated kind that ``documents`` use or may use, sorted by kind and group."""
    targets = {(target.group, target.kind): target for target in KNOWN.values()}
    names = {key: f"Federated{key[1]}" for key in targets}
    places = {key: ["built in"] for key in targets}
    groups, disabled = {}, set()
    for config in documents.type_configs:
        key = (config.target.group, config.target.kind)
        targets[key], names[key], groups[key] = config.target, config.federated_kind, config.federated_group
        places[key] = [f"FederatedTypeConfig {config.source.place()}"]
        if config.propagation == "Disabled":
            disabled.add(key)
    for document, target in _defined(documents):
        key = (target.group, target.kind)
        targets[key] = target
        names.setdefault(key, f"Federated{target.kind}")
        places.setdefault(key, []).append(f"{document.target.kind} {document.source.place()}")
    counts: Counter[tuple[str, str]] = Counter()
    for document in documents.federated:
        key = (document.target.group, document.target.kind)
        counts[key] += 1
        if key not in targets:
            targets[key], names[key] = document.target, f"Federated{document.target.kind}"
            places[key] = [f"the template at {document.source.place('spec', 'template', 'apiVersion')}"]
    return tuple(
        FederatedType(
            federated_kind=names[key],
            target=targets[key],
            known_from=tuple(places[key]),
            propagation="Disabled" if key in disabled else "Enabled",
            documents=counts[key],
            federated_group=groups.get(key, FEDERATED_GROUP),
        )
        for key in sorted(targets, key=lambda each: (names[each], each))
    )


def _defined(documents: Documents) -> Iterator[tuple[FederatedObject, TargetType]]:
    for document in documents.federated:
        target = crds.target_of(document.template) if document.target.kind == crds.KIND else None
        if target is not None:
            yield document, target
