"""An environment in cells for tests: plans from numbers of replicas, and the state that the update of a cell leaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from federation.api.model.cells import Cell
from federation.api.model.members import FederationSettings
from federation.plan import planner
from federation.plan.cells.slices import slice_of
from federation.plan.changes import replacements
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import MemberPlan, Plan
from tests.plan import building

__all__ = ["Counts", "Fleet", "apps", "documents", "federation", "standing"]

Counts = Mapping[str, int]
"""Replicas by member; a member that is left out does not get the workload."""


def apps(member: str) -> Cell:
    """The cell with the objects of ``member``."""
    return Cell(environment="prod", member=member, part="apps")


def federation(*members: str, lost: tuple[str, ...] = ()) -> FederationSettings:
    """The environment prod with these ``members``."""
    values = {name: {"region": f"us-east-{number}"} for number, name in enumerate(members, 1)}
    return building.federation(values, lost=lost, stack="prod", layout="cells")


def documents(**workloads: Counts) -> str:
    """A Deployment for each of ``workloads``, with its replicas by member."""
    return building.NAMESPACE + "".join(_deployment(name, counts) for name, counts in workloads.items())


def _deployment(name: str, counts: Counts) -> str:
    clusters = ", ".join(f"{{name: {member}}}" for member in counts)
    overrides = ", ".join(
        f"{{clusterName: {member}, clusterOverrides: [{{path: /spec/replicas, value: {count}}}]}}"
        for member, count in counts.items()
    )
    return building.deployment(name, spec=f"placement: {{clusters: [{clusters}]}}, overrides: [{overrides}]")


def standing(plan: Plan) -> Observed:
    """What is observed once all of ``plan`` has been registered."""
    return Observed(registered={each.name: each.index or () for each in plan.members})


@dataclass(slots=True)
class Fleet:
    """The state of all cells: ``index`` by member, and the replicas that run, by logical name."""

    federation: FederationSettings
    index: dict[str, tuple[IndexEntry, ...]] = field(default_factory=dict)
    running: dict[str, int] = field(default_factory=dict)

    @property
    def observed(self) -> Observed:
        return Observed(registered={name: each for name, each in self.index.items() if each})

    def plan(self, text: str) -> Plan:
        return planner.plan(self.federation, building.documents(text), self.observed)

    def slices(self, text: str) -> Mapping[str, MemberPlan]:
        """By member, what its cell registers."""
        plan = self.plan(text)
        parts = (slice_of(plan, apps(each.name), self.federation, self.observed) for each in self.federation.members)
        return {each.name: each for part in parts for each in part.members}

    def update(self, text: str, *, failing: tuple[str, ...] = ()) -> None:
        """Update all cells at once; Deployments in ``failing`` members never become ready."""
        before = {each.logical_name: each for some in self.index.values() for each in some}
        for name, part in self.slices(text).items():
            counts = {each.logical_name: each.replicas for each in part.objects if each.replicas is not None}
            counts |= {each.logical_name: each.replicas for each in part.paused if each.replicas >= 0}
            index = part.index or ()
            if name in failing:
                gone = {each for each in counts if counts[each] != self.running.get(each, 0)}
                index = tuple(
                    replacements.failed(each, before.get(each.logical_name)) if each.logical_name in gone else each
                    for each in index
                )
                counts = {each: self.running.get(each, 0) for each in counts}
            self.index[name] = index
            self.running = {each: count for each, count in self.running.items() if not each.startswith(f"{name}/")}
            self.running |= counts

    def replicas(self, name: str = "web") -> dict[str, int]:
        """The replicas of one workload that run, by member."""
        found = {each: count for each, count in self.running.items() if each.endswith(f"/demo/Deployment/{name}")}
        return {each.partition("/")[0]: count for each, count in sorted(found.items())}
