"""What an update left behind: the outputs of a stack, as the ``pulumi`` on PATH tells them."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from federation.api.members import Federation
from federation.errors import FederationError
from federation.plan import held, held_index
from federation.plan.observed import Observed

__all__ = ["Outputs", "OutputsUnavailableError", "observed", "read"]


class OutputsUnavailableError(FederationError):
    """The stack is not there, has not been updated yet, or ``pulumi`` cannot be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Outputs of one stack. ``kubeconfigs`` (JSON, by member) lead into the members and do not show in ``repr``."""

    members: Mapping[str, Mapping[str, Any]]
    kubeconfigs: Mapping[str, str] = field(repr=False)
    dns_names: tuple[str, ...] = ()
    zone_id: str = ""
    plan_digest: str = ""
    index: Mapping[str, str] = field(default_factory=dict, repr=False)
    held: tuple[str, ...] = ()


def read(root: Path, stack: str) -> Outputs:
    """Ask ``pulumi`` for the outputs of ``stack``. ``OutputsUnavailableError`` says what to do when it has none."""
    command = ["pulumi", "stack", "output", "--json", "--show-secrets", "--stack", stack, "--non-interactive"]
    try:
        answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        msg = 'there is no `pulumi` on PATH; in the sandbox: eval "$(fed sandbox env)"'
        raise OutputsUnavailableError(msg) from None
    if answer.returncode != 0:
        msg = f"pulumi has no outputs of stack {stack}: {answer.stderr.strip()}"
        raise OutputsUnavailableError(msg)
    tree: dict[str, Any] = json.loads(answer.stdout)
    if "members" not in tree:
        msg = f"stack {stack} has not been updated to its end yet; run `pulumi up --stack {stack}`"
        raise OutputsUnavailableError(msg)
    return Outputs(
        members=tree["members"],
        kubeconfigs=tree["kubeconfigs"],
        dns_names=tuple(tree.get("dnsNames", ())),
        zone_id=tree.get("zoneId", ""),
        plan_digest=tree.get("planDigest", ""),
        index=tree.get("index", {}),
        held=tuple(sorted(tree.get("held", {}))),
    )


def observed(root: Path, federation: Federation) -> Observed:
    """What planning outside of an update has to know of the last one; nothing, when ``pulumi`` cannot be asked.

    It is asked only when a member is held.
    """
    if not held.names(federation):
        return Observed()
    try:
        left = read(root, federation.stack)
    except OutputsUnavailableError:
        return Observed()
    return Observed(registered={name: held_index.from_text(text) for name, text in left.index.items()})
