"""Put the placed objects of each member into the order in which they can be applied."""

from collections.abc import Sequence

from federation.plan.model import names
from federation.plan.model.plan import PlannedObject
from federation.plan.objects import dependencies
from federation.plan.objects.dependencies import Surroundings
from federation.plan.objects.placed_objects import PlacedObject
from federation.plan.objects.type_aliases import FormerTokens

__all__ = ["planned"]


def planned(placed_objects: Sequence[PlacedObject], former: FormerTokens) -> dict[str, list[PlannedObject]]:
    """The objects of each member, each with the objects of the same member that it waits for."""
    around = dependencies.surroundings(placed_objects)
    objects: dict[str, list[PlannedObject]] = {}
    for placed in sorted(placed_objects, key=_place_in_order):
        objects.setdefault(placed.member, []).append(_object(placed, around[placed.member], former))
    return objects


def _place_in_order(placed: PlacedObject) -> tuple[int, str, str, str]:
    return (dependencies.rank(placed.kind), placed.namespace, placed.kind, placed.name)


def _object(placed: PlacedObject, around: Surroundings, former: FormerTokens) -> PlannedObject:
    rendered = placed.rendered
    return PlannedObject(
        logical_name=placed.logical_name,
        token=names.token(rendered.api_version, placed.kind),
        member=placed.member,
        api_version=rendered.api_version,
        kind=placed.kind,
        namespace=placed.namespace,
        name=placed.name,
        manifest=rendered.manifest,
        replicas=placed.replicas.count,
        reasons=placed.reasons,
        overrides=rendered.overrides,
        depends_on=around.depends_on(placed),
        ignore_changes=placed.ignore_changes,
        former_tokens=former.tokens_before(placed.logical_name, rendered.api_version, placed.kind),
        load_balancer=rendered.load_balancer,
        orphan=placed.orphan,
        source=placed.source,
    )
