"""Observe the members before an update: which answer, which fields others own, which fields people set with kubectl.

A failure here costs a line in the log and never an update. All members are asked at once, each for a few seconds at
most.
"""

import math
import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from federation.api.model.members import Federation
from federation.components.clusters import api_client, identity
from federation.components.fields import field_conflicts, field_paths
from federation.components.fields.field_conflicts import FieldConflict, FoundConflicts
from federation.errors.fault import Fault
from federation.plan.changes import quarantine
from federation.plan.live import managed_fields
from federation.plan.live.injected_values import Injected
from federation.plan.live.removed_fields import RemovedField
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import MemberPlan, Plan, PlannedObject
from federation.plan.objects.manifests import MANAGED_LABEL

__all__ = ["ObservedMembers", "Updates", "faults", "index", "look", "missed", "reached", "unnoticed", "updates"]

SECONDS = 5.0  # for one request


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedMembers:
    """What was observed in all members.

    ``silent`` are the members that do not answer and ``unreadable`` those that cannot be read, with the reason. The
    others give the rest: ``conflicts`` are the fields that others own, ``removed`` the fields set with kubectl that go
    at their object's next update. ``injected`` has by logical name the values that others have injected. ``refused``
    are planned objects that exist with the label against management.
    """

    silent: Mapping[str, str]
    unreadable: Mapping[str, str] = field(default_factory=dict)
    conflicts: tuple[FieldConflict, ...] = ()
    removed: tuple[RemovedField, ...] = ()
    injected: Mapping[str, Injected] = field(default_factory=dict)
    refused: tuple[PlannedObject, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates:
    """The logical ``names`` of the objects that this update changes. ``unnoticed`` are the fields that it leaves to
    others, since neither documents nor state show a change of their objects."""

    names: frozenset[str] = frozenset()
    unnoticed: tuple[FieldConflict, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _MemberObservation:
    """What one member holds, or the reason why that is unknown."""

    silent: str = ""
    unreadable: str = ""
    found: FoundConflicts = field(default_factory=FoundConflicts)


def reached(
    federation: Federation, root: Path, before: Mapping[str, str], moved: Collection[str] = ()
) -> Mapping[str, str]:
    """Present kubeconfigs by member, of the members that the last update reached (``before``). A new ``eks`` cluster
    has none yet."""
    made = {member.name for member in federation.members if member.provider == "eks"}
    known = {name: text for name, text in before.items() if not (name in made and name in moved)}
    return identity.reached(federation, root, known)


def look(
    plan: Plan, kubeconfigs: Mapping[str, str], moved: Collection[str] = (), *, within: float = math.inf
) -> ObservedMembers:
    """Observe all available members with ``kubeconfigs`` at once. No request begins later than ``within`` seconds.

    A member that has ``moved`` to another cluster is updated whether that cluster answers or not. All its objects are
    new there. So it is never silent, and it has no field conflicts.
    """
    observed = [member for member in plan.members if member.available and member.name in kubeconfigs]
    with ThreadPoolExecutor(max_workers=max(1, len(observed))) as pool:
        observations = list(pool.map(lambda member: _look(member, kubeconfigs[member.name], within), observed))
    by_member = {
        member.name: _moved(observation) if member.name in moved else observation
        for member, observation in zip(observed, observations, strict=True)
    }
    return ObservedMembers(
        silent={name: each.silent for name, each in by_member.items() if each.silent},
        unreadable={name: each.unreadable for name, each in by_member.items() if each.unreadable},
        conflicts=tuple(found for each in by_member.values() for found in each.found.conflicts),
        removed=tuple(found for each in by_member.values() for found in each.found.removed),
        injected={name: found for each in by_member.values() for name, found in each.found.injected.items()},
        refused=tuple(found for each in by_member.values() for found in each.found.refused),
    )


def _moved(observation: _MemberObservation) -> _MemberObservation:
    return _MemberObservation(
        unreadable=observation.silent or observation.unreadable, found=FoundConflicts(refused=observation.found.refused)
    )


def _look(member: MemberPlan, kubeconfig: str, within: float) -> _MemberObservation:
    try:
        client = api_client.client(kubeconfig, max(0.1, min(SECONDS, within)))
        # The time counts from here: making clients for many members takes a while, which is not the member's delay.
        return _MemberObservation(found=field_conflicts.find(client, member.objects, time.monotonic() + within))
    except httpx2.TransportError as error:
        return _MemberObservation(silent=str(error) or type(error).__name__)
    except api_client.FAULTS as error:
        # The member answers, or its kubeconfig fails here; the update itself shows whether it works.
        return _MemberObservation(unreadable=str(error) or type(error).__name__)


def faults(members: ObservedMembers) -> list[Fault]:
    """An error for each object with the label against management, as KubeFed refused it."""
    return [
        each.source.fault(
            (),
            f'{each.logical_name} stands there labelled {MANAGED_LABEL}: "false": it is not to be taken over',
            "remove the label in the member, or leave the member out of the placement",
        )
        for each in members.refused
    ]


def missed(
    plan: Plan, last: Mapping[str, tuple[IndexEntry, ...]], members: ObservedMembers
) -> Mapping[str, tuple[str, ...]]:
    """By silent member, the changes that it misses in this update: ``update us-east/demo/Deployment/web``."""
    by_member = {}
    for name in members.silent:
        before, wanted = last.get(name, ()), plan.member(name).index or ()
        changes = [f"{action} {each}" for each, action in quarantine.pending(before, wanted).items()]
        changes += [f"delete {each}" for each in quarantine.kept(before, wanted)]
        by_member[name] = tuple(changes)
    return by_member


def index(
    plan: Plan, last: Mapping[str, tuple[IndexEntry, ...]], members: ObservedMembers
) -> Mapping[str, tuple[IndexEntry, ...]]:
    """By member, the index for the next update; a member that does not answer keeps its old one."""
    return {
        member.name: last.get(member.name, ()) if member.name in members.silent else member.index or ()
        for member in plan.members
    }


def updates(
    plan: Plan,
    registered: Mapping[str, Iterable[IndexEntry]],
    conflicts: tuple[FieldConflict, ...],
    resources: Mapping[str, Mapping[str, Any]] | None,
) -> Updates:
    """The objects that this update changes, by the index of the last one and by the state's ``resources``. Where these
    were not read (``None``), no field counts as noticed."""
    names = set[str]()
    for member in plan.members:
        if member.available:
            changes = quarantine.pending(registered.get(member.name, ()), member.index or ())
            names |= {name for name, change in changes.items() if change == "update"}
    undetected = conflicts if resources is None else unnoticed(conflicts, resources)
    # A value that cannot be shown cannot be compared with the state: its object does not count as changed.
    names |= {each.logical_name for each in conflicts if each.planned and each not in undetected}
    return Updates(
        names=frozenset(names), unnoticed=tuple(each for each in undetected if each.logical_name not in names)
    )


def unnoticed(
    conflicts: tuple[FieldConflict, ...], resources: Mapping[str, Mapping[str, Any]]
) -> tuple[FieldConflict, ...]:
    """The conflicts that the state does not show. An update without another change of the object leaves them alone."""
    states = {urn.rpartition("::")[2]: tree.get("outputs", {}) for urn, tree in resources.items()}
    return tuple(
        each
        for each in conflicts
        if each.planned
        and managed_fields.shown(field_paths.at(states.get(each.logical_name, {}), each.field)) == each.planned
    )
