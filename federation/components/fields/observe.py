"""What can be seen of the members before an update? Which of them answer, what others have taken there, and what people
have set with kubectl.

Whatever goes wrong here costs a line in the log and never an update. Members are
asked all at once, each for a few seconds at most.
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
    """``silent`` are the members that do not answer and ``unseen`` those that cannot be looked at, with the reason;
    ``takeovers`` what others own in the rest, ``removed`` what people have set there that goes at its object's next
    update, ``injected`` by logical name what others have injected, and ``refused`` the planned objects that stand there
    labelled as not to be managed."""

    silent: Mapping[str, str]
    unseen: Mapping[str, str] = field(default_factory=dict)
    takeovers: tuple[FieldConflict, ...] = ()
    removed: tuple[RemovedField, ...] = ()
    injected: Mapping[str, Injected] = field(default_factory=dict)
    refused: tuple[PlannedObject, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates:
    """The logical ``names`` of the objects that this update changes, and the fields that it leaves to others, since
    neither documents nor state show a change of their objects (``unnoticed``)."""

    names: frozenset[str] = frozenset()
    unnoticed: tuple[FieldConflict, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What one member is found to hold, or why that is not known."""

    silent: str = ""
    unseen: str = ""
    found: FoundConflicts = field(default_factory=FoundConflicts)


def reached(
    federation: Federation, root: Path, before: Mapping[str, str], moved: Collection[str] = ()
) -> Mapping[str, str]:
    """Kubeconfigs by member that lead to it now, of those that the last update reached (``before``). How a new ``eks``
    cluster is reached, nobody knows yet."""
    made = {member.name for member in federation.members if member.provider == "eks"}
    known = {name: text for name, text in before.items() if not (name in made and name in moved)}
    return identity.reached(federation, root, known)


def look(
    plan: Plan, kubeconfigs: Mapping[str, str], moved: Collection[str] = (), *, within: float = math.inf
) -> ObservedMembers:
    """Ask the members that are available and that ``kubeconfigs`` lead to, all at once, ``within`` so many seconds: no
    request begins later.

    A member that has ``moved`` to another cluster is updated whether that answers or not: all of it is made anew there,
    so none is silent, and nothing that others own there has ever been ours.
    """
    asked = [member for member in plan.members if member.available and member.name in kubeconfigs]
    with ThreadPoolExecutor(max_workers=max(1, len(asked))) as pool:
        answers = list(pool.map(lambda member: _look(member, kubeconfigs[member.name], within), asked))
    by_member = {
        member.name: _moved(answer) if member.name in moved else answer
        for member, answer in zip(asked, answers, strict=True)
    }
    return ObservedMembers(
        silent={name: each.silent for name, each in by_member.items() if each.silent},
        unseen={name: each.unseen for name, each in by_member.items() if each.unseen},
        takeovers=tuple(found for each in by_member.values() for found in each.found.takeovers),
        removed=tuple(found for each in by_member.values() for found in each.found.removed),
        injected={name: found for each in by_member.values() for name, found in each.found.injected.items()},
        refused=tuple(found for each in by_member.values() for found in each.found.refused),
    )


def _moved(answer: _Answer) -> _Answer:
    return _Answer(unseen=answer.silent or answer.unseen, found=FoundConflicts(refused=answer.found.refused))


def _look(member: MemberPlan, kubeconfig: str, within: float) -> _Answer:
    try:
        client = api_client.client(kubeconfig, max(0.1, min(SECONDS, within)))
        # From now on: making clients for many members takes its time, and that is not the member's.
        return _Answer(found=field_conflicts.find(client, member.objects, time.monotonic() + within))
    except httpx2.TransportError as error:
        return _Answer(silent=str(error) or type(error).__name__)
    except api_client.FAULTS as error:
        # It answers, or cannot be asked in this way; what the update itself makes of it is what counts.
        return _Answer(unseen=str(error) or type(error).__name__)


def faults(seen: ObservedMembers) -> list[Fault]:
    """An error for each object that somebody has labelled as not to be managed, as KubeFed refused it."""
    return [
        each.source.fault(
            (),
            f'{each.logical_name} stands there labelled {MANAGED_LABEL}: "false": it is not to be taken over',
            "remove the label in the member, or leave the member out of the placement",
        )
        for each in seen.refused
    ]


def missed(
    plan: Plan, last: Mapping[str, tuple[IndexEntry, ...]], seen: ObservedMembers
) -> Mapping[str, tuple[str, ...]]:
    """By silent member, what it would have got in this update: ``update us-east/demo/Deployment/web``."""
    found = {}
    for name in seen.silent:
        before, wanted = last.get(name, ()), plan.member(name).index or ()
        changes = [f"{action} {each}" for each, action in quarantine.pending(before, wanted).items()]
        changes += [f"delete {each}" for each in quarantine.kept(before, wanted)]
        found[name] = tuple(changes)
    return found


def index(
    plan: Plan, last: Mapping[str, tuple[IndexEntry, ...]], seen: ObservedMembers
) -> Mapping[str, tuple[IndexEntry, ...]]:
    """By member, what the next update is to know: nothing new of a member that does not answer."""
    return {
        member.name: last.get(member.name, ()) if member.name in seen.silent else member.index or ()
        for member in plan.members
    }


def updates(
    plan: Plan,
    registered: Mapping[str, Iterable[IndexEntry]],
    found: tuple[FieldConflict, ...],
    resources: Mapping[str, Mapping[str, Any]] | None,
) -> Updates:
    """What this update changes, by the index of the last one and by the state's ``resources`` (``None``: nobody has
    read them, so no field counts as noticed)."""
    names = set[str]()
    for member in plan.members:
        if member.available:
            changes = quarantine.pending(registered.get(member.name, ()), member.index or ())
            names |= {name for name, change in changes.items() if change == "update"}
    unknown = found if resources is None else unnoticed(found, resources)
    # What cannot be shown cannot be compared with the state either: nothing is claimed of its object.
    names |= {each.logical_name for each in found if each.planned and each not in unknown}
    return Updates(names=frozenset(names), unnoticed=tuple(each for each in unknown if each.logical_name not in names))


def unnoticed(
    found: tuple[FieldConflict, ...], resources: Mapping[str, Mapping[str, Any]]
) -> tuple[FieldConflict, ...]:
    """Those that the state does not know of: an update that has nothing else to change there leaves them alone."""
    states = {urn.rpartition("::")[2]: tree.get("outputs", {}) for urn, tree in resources.items()}
    return tuple(
        each
        for each in found
        if each.planned
        and managed_fields.shown(field_paths.at(states.get(each.logical_name, {}), each.field)) == each.planned
    )
