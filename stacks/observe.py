"""What can be seen of the members before an update? Which of them answer, and what others have taken there.

It is for saying, not for deciding: whatever goes wrong here costs a line in the log and never an update. Members are
asked all at once, each for a few seconds at most.
"""

import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx2
from lightkube import ApiError
from lightkube.core.exceptions import ConfigError

from federation.components import access
from federation.errors import Fault
from federation.plan import held
from federation.plan.held_index import IndexEntry
from federation.plan.manifests import MANAGED_LABEL
from federation.plan.result import MemberPlan, Plan, PlannedObject
from stacks import field_paths, takeovers
from stacks.takeovers import Found, Takeover

__all__ = ["Seen", "faults", "index", "look", "missed", "unnoticed"]

SECONDS = 5.0  # for one request
FAULTS = (
    ApiError,
    ConfigError,
    httpx2.HTTPError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
    subprocess.SubprocessError,
)
"""What asking a member by a kubeconfig that somebody else wrote can end in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """``silent`` are the members that do not answer, with the reason; ``takeovers`` what others own in the rest, and
    ``refused`` the planned objects that stand there labelled as not to be managed."""

    silent: Mapping[str, str]
    takeovers: tuple[Takeover, ...]
    refused: tuple[PlannedObject, ...] = ()


def look(plan: Plan, kubeconfigs: Mapping[str, str]) -> Seen:
    """Ask the members that are available and have been updated before, all at once."""
    asked = [member for member in plan.members if member.available and member.name in kubeconfigs]
    with ThreadPoolExecutor(max_workers=max(1, len(asked))) as pool:
        answers = list(pool.map(lambda member: _look(member, kubeconfigs[member.name]), asked))
    return Seen(
        silent={member.name: why for member, (why, _) in zip(asked, answers, strict=True) if why},
        takeovers=tuple(each for _, found in answers for each in found.takeovers),
        refused=tuple(each for _, found in answers for each in found.refused),
    )


def _look(member: MemberPlan, kubeconfig: str) -> tuple[str, Found]:
    try:
        return "", takeovers.find(access.client(kubeconfig, SECONDS), member.objects)
    except httpx2.TransportError as error:
        return str(error) or type(error).__name__, Found()
    except FAULTS:
        # It answers, or cannot be asked in this way; what the update itself makes of it is what counts.
        return "", Found()


def faults(seen: Seen) -> list[Fault]:
    """An error for each object that somebody has labelled as not to be managed, as KubeFed refused it."""
    return [
        each.source.fault(
            (),
            f'{each.logical_name} stands there labelled {MANAGED_LABEL}: "false": it is not to be taken over',
            "remove the label in the member, or leave the member out of the placement",
        )
        for each in seen.refused
    ]


def missed(plan: Plan, last: Mapping[str, tuple[IndexEntry, ...]], seen: Seen) -> Mapping[str, tuple[str, ...]]:
    """By silent member, what it would have got in this update: ``update us-east/demo/Deployment/web``."""
    found = {}
    for name in seen.silent:
        before, wanted = last.get(name, ()), plan.member(name).index or ()
        changes = [f"{action} {each}" for each, action in held.pending(before, wanted).items()]
        changes += [f"delete {each}" for each in held.kept(before, wanted)]
        found[name] = tuple(changes)
    return found


def index(plan: Plan, last: Mapping[str, tuple[IndexEntry, ...]], seen: Seen) -> Mapping[str, tuple[IndexEntry, ...]]:
    """By member, what the next update is to know: nothing new of a member that does not answer."""
    return {
        member.name: last.get(member.name, ()) if member.name in seen.silent else member.index or ()
        for member in plan.members
    }


def unnoticed(found: tuple[Takeover, ...], resources: Mapping[str, Mapping[str, Any]]) -> tuple[Takeover, ...]:
    """Those that the state does not know of: an update that has nothing else to change there leaves them alone."""
    states = {urn.rpartition("::")[2]: tree.get("outputs", {}) for urn, tree in resources.items()}
    return tuple(
        each
        for each in found
        if each.planned
        and takeovers.text(field_paths.at(states.get(each.logical_name, {}), each.field)) == each.planned
    )
