"""What an update left behind: the outputs of a stack, as the ``pulumi`` on PATH tells them."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from federation.api.members import Federation
from federation.components import identity
from federation.errors import FederationError
from federation.plan import held_index, identities
from federation.plan.observed import Observed
from federation.plan.trees import mapping

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
    identities: Mapping[str, str] = field(default_factory=dict)

    @property
    def observed(self) -> Observed:
        """What planning has to know of the update that left them."""
        registered = held_index.from_output(self.index)
        return Observed(registered=registered, held_before=self.held, identities_before=self.identities)


def read(root: Path, stack: str) -> Outputs:
    """Ask ``pulumi`` for the outputs of ``stack``. ``OutputsUnavailableError`` says what to do when it has none."""
    tree = _ask(root, stack, "--show-secrets")
    if "members" not in tree:
        msg = f"stack {stack} has not been updated to its end yet; run `pulumi up --stack {stack}`"
        raise OutputsUnavailableError(msg)
    return _outputs(tree)


def _ask(root: Path, stack: str, *options: str) -> Mapping[str, Any]:
    command = ["pulumi", "stack", "output", "--json", *options, "--stack", stack, "--non-interactive"]
    try:
        answer = subprocess.run(
            command, cwd=root, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        msg = 'there is no `pulumi` on PATH; in the sandbox: eval "$(fed sandbox env)"'
        raise OutputsUnavailableError(msg) from None
    except OSError as error:
        msg = f"`pulumi` cannot be run: {error.strerror}; see `command -v pulumi`"
        raise OutputsUnavailableError(msg) from None
    if answer.returncode != 0:
        msg = f"pulumi has no outputs of stack {stack}: {answer.stderr.strip()}"
        raise OutputsUnavailableError(msg)
    return _tree(answer.stdout, stack)


def _tree(text: str, stack: str) -> Mapping[str, Any]:
    """``text`` as the outputs that it is. It may hold secrets, so nothing of it is repeated when it is none."""
    try:
        tree = json.loads(text)
    except json.JSONDecodeError:
        tree = None
    if not isinstance(tree, dict):
        msg = (
            f"what pulumi answers is not the outputs of stack {stack}; see `pulumi stack output --json --stack {stack}`"
        )
        raise OutputsUnavailableError(msg)
    return tree


def _outputs(tree: Mapping[str, Any]) -> Outputs:
    return Outputs(
        members=mapping(tree.get("members")),
        kubeconfigs=_by_name(tree.get("kubeconfigs")),
        dns_names=tuple(tree.get("dnsNames", ())),
        zone_id=tree.get("zoneId", ""),
        plan_digest=tree.get("planDigest", ""),
        index=mapping(tree.get("index")),
        held=tuple(sorted(mapping(tree.get("held")))),
        identities=identities.from_output(tree.get("identities")),
    )


def _by_name(value: object) -> Mapping[str, str]:
    """Secrets that were not asked for come as one text."""
    return value if isinstance(value, dict) else {}


def observed(root: Path, federation: Federation) -> Observed:
    """What planning outside of an update has to know of the last one; nothing, when ``pulumi`` cannot be asked.

    No secrets are asked for, so that it works without the stack's passphrase.
    """
    try:
        left = _outputs(_ask(root, federation.stack)).observed
    except OutputsUnavailableError:
        return Observed()
    return replace(left, identities=identity.of(federation, root))
