"""Read what an update left, from the state of a stack as the ``pulumi`` on PATH exports it.

The federation's own component has what the next update needs, and the stack's outputs have what people ask for. An
export without secrets needs no passphrase.
"""

import json
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from federation.api.model.members import FederationSettings
from federation.components.clusters import identity
from federation.errors.fault import FederationError
from federation.operations.engine import backends, command_line, exported
from federation.operations.project import cells, settings
from federation.plan.changes import cluster_identity, roles
from federation.plan.changes.renames import Renames
from federation.plan.model import object_index, record_changes, standing
from federation.plan.model.observed import Observed
from federation.plan.model.record_changes import RecordLine
from federation.plan.model.trees import mapping, mappings

__all__ = [
    "Outputs",
    "OutputsUnavailableError",
    "export_stack",
    "observe_stack",
    "observed_in",
    "read_outputs",
]

EXPORTS: Final = 4
"""States that are exported at a time; each export needs a third of a second of a processor."""
_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Pulumi's text for a value that is unknown, such as an output of a cluster that could not be made."""


class OutputsUnavailableError(FederationError):
    """The stack is not there, has not been updated yet, or ``pulumi`` cannot be run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Outputs of one stack, and of its federation. ``kubeconfigs`` (JSON, by member) lead into the members and do not
    show in ``repr``; ``urns`` are those of all its resources."""

    members: Mapping[str, Mapping[str, Any]]
    kubeconfigs: Mapping[str, str] = field(repr=False)
    dns_names: tuple[str, ...] = ()
    zone_id: str = ""
    zone: str = ""
    index: Mapping[str, str] = field(default_factory=dict, repr=False)
    quarantined: tuple[str, ...] = ()
    identities: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, RecordLine] | None = field(default=None, repr=False)
    urns: tuple[str, ...] = field(default=(), repr=False)
    clusters: Mapping[str, standing.Standing] = field(default_factory=dict, repr=False)
    protected_zone: str = ""

    def by(self, renames: Renames) -> "Outputs":
        """The same by the present names of members."""
        index = renames.index(object_index.from_output(self.index)) if renames.pairs else {}
        return replace(
            self,
            members=renames.keyed(self.members),
            kubeconfigs=renames.keyed(self.kubeconfigs),
            index={**renames.keyed(self.index), **{name: object_index.to_text(some) for name, some in index.items()}},
            quarantined=tuple(sorted({renames.member(name) for name in self.quarantined})),
            identities=renames.keyed(self.identities),
            roles=renames.keyed(self.roles),
            urns=tuple(map(renames.logical_name, self.urns)),
            clusters=renames.keyed(self.clusters),
        )

    @property
    def observed(self) -> Observed:
        """What planning needs of the update that left them."""
        registered = object_index.from_urns(self.urns, object_index.from_output(self.index))
        return Observed(
            registered=registered,
            quarantined_before=self.quarantined,
            identities_before=self.identities,
            roles_before=self.roles,
            zone_before=self.zone,
            names_before=self.dns_names,
            records_before=self.records,
            clusters=self.clusters,
            protected_zone=self.protected_zone,
        )


def read_outputs(root: Path, stack: str) -> Outputs:
    """The outputs of ``stack``, by its members' present names; in the layout ``cells``, those of all its cells.

    Raises ``OutputsUnavailableError``, with a remedy, when it has none.
    """
    tree = _export_state(root, stack, "--show-secrets")
    if "members" not in tree:
        msg = f"stack {stack} has no outputs: it has not been updated to its end yet, or was destroyed; "
        msg += f"run `fed up --stack {stack}`"
        raise OutputsUnavailableError(msg)
    return _outputs(tree).by(Renames(settings.former_names(root, stack)))


def _export_state(root: Path, stack: str, *options: str) -> Mapping[str, Any]:
    if not cells.is_in_cells(root, stack):
        return export_stack(root, stack, *options)
    stacks = [cell.stack for cell in cells.existing_cells(stack, backends.existing(root))]
    if not stacks:
        raise OutputsUnavailableError(f"no cell of {stack} exists; run `fed up --create --stack {stack}`")
    with ThreadPoolExecutor(max_workers=EXPORTS) as pool:
        return exported.joined(pool.map(lambda each: export_stack(root, each, *options), stacks))


def export_stack(root: Path, stack: str, *options: str) -> Mapping[str, Any]:
    """The exported outputs of one stack. Raises ``OutputsUnavailableError`` when `pulumi` does not export them."""
    command = ["pulumi", "stack", "export", *options, "--stack", stack, "--non-interactive"]
    try:
        response = subprocess.run(
            command, cwd=root, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        raise OutputsUnavailableError(command_line.NO_PULUMI) from None
    except OSError as error:
        msg = f"`pulumi` cannot be run: {error.strerror}; see `command -v pulumi`"
        raise OutputsUnavailableError(msg) from None
    if response.returncode != 0:
        msg = f"pulumi has no outputs of stack {stack}: {command_line.shortened(response.stderr)}"
        raise OutputsUnavailableError(msg)
    return _tree(response.stdout, stack)


def _tree(text: str, stack: str) -> Mapping[str, Any]:
    """The outputs in the exported state ``text``. The text may hold secrets, so no error repeats it."""
    try:
        state = json.loads(text)
    except json.JSONDecodeError:
        state = None
    if not isinstance(state, dict) or not isinstance(state.get("deployment"), dict):
        msg = f"the output of pulumi is not the state of stack {stack}; see `pulumi stack export --stack {stack}`"
        raise OutputsUnavailableError(msg)
    return exported.outputs(state)


def _outputs(tree: Mapping[str, Any]) -> Outputs:
    """The outputs in ``tree``. A value of another form is ignored: a user's own program may use the same names."""
    names = tree.get("dnsNames")
    return Outputs(
        members={name: mapping(each) for name, each in mapping(tree.get("members")).items()},
        kubeconfigs=_kubeconfigs(tree.get("kubeconfigs")),
        dns_names=tuple(filter(None, map(_text, names if isinstance(names, list) else ()))),
        zone_id=_text(tree.get("zoneId")),
        zone=_text(tree.get("zone")),
        index=mapping(tree.get("index")),
        quarantined=tuple(sorted(mapping(tree.get("held")))),
        identities=cluster_identity.from_output(tree.get("identities")),
        roles=roles.from_output(tree.get("roles")),
        records=record_changes.from_output(tree.get("records")),
        urns=tuple(tree.get(exported.URNS, ())),
        clusters=standing.clusters(mapping(tree.get(exported.INFRASTRUCTURE))),
        protected_zone=standing.protected_zone(mapping(tree.get(exported.INFRASTRUCTURE))),
    )


def _text(value: object) -> str:
    """``value`` if it is a known text, else ""."""
    return value if isinstance(value, str) and value != _UNKNOWN else ""


def _kubeconfigs(value: object) -> Mapping[str, str]:
    """By member, the usable kubeconfigs. An export without secrets has a placeholder text instead."""
    texts = {name: _text(each) for name, each in mapping(value).items()}
    return {name: text for name, text in texts.items() if _is_usable(text)}


def _is_usable(kubeconfig: str) -> bool:
    try:
        tree = mapping(json.loads(kubeconfig))
    except ValueError:
        return False
    firsts = [(part, mappings(tree.get(f"{part}s"))[:1]) for part in ("cluster", "user")]
    return all(entry and isinstance(entry[0].get(part), dict) for part, entry in firsts)


def observe_stack(root: Path, federation: FederationSettings) -> Observed:
    """What planning outside of an update needs of the last update.

    For a state that cannot be read, only the reason is set (``unread``); a stack that does not exist is empty. The
    export is without secrets, so that it works without the stack's passphrase.
    """
    try:
        tree = _export_state(root, federation.stack)
    except OutputsUnavailableError as error:
        return observed_in({}, root, federation) if _is_missing(root, federation.stack) else Observed(unread=str(error))
    return observed_in(tree, root, federation)


def observed_in(tree: Mapping[str, Any], root: Path, federation: FederationSettings) -> Observed:
    """What planning needs of an exported ``tree``; an empty one is that of a stack that does not exist."""
    before = _outputs(tree).observed if tree else Observed(registered={}, exists=False)
    return replace(
        Renames.from_config(federation).observed(before), identities=identity.identify_clusters(federation, root)
    )


def _is_missing(root: Path, stack: str) -> bool:
    """Whether the backend can be read and has no such stack."""
    try:
        existing = backends.existing(root)
        return not cells.existing_cells(stack, existing) if cells.is_in_cells(root, stack) else stack not in existing
    except command_line.EngineError:
        return False
