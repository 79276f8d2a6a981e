"""Find fields of a member's objects that other managers own, and objects that must not be managed.

The API server finds the fields: a dry run of server-side apply without force is refused with every field and its owner.
Only objects that another manager has written to are tried. One listing a kind finds them, so a federation without other
writers costs one listing a kind and member. The listing also has the objects with the label
``kubefed.io/managed: "false"``, and the fields that were set with kubectl.
"""

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from lightkube import ApiError, Client, operators
from lightkube.generic_resource import GenericNamespacedResource
from lightkube.types import PatchType

from federation.api.model.secrets import SecretLiteral, SecretReference
from federation.components.clusters import api_client
from federation.components.fields import field_paths
from federation.plan.live import injected_values, managed_fields, removed_fields
from federation.plan.live.injected_values import Injected
from federation.plan.live.managed_fields import Owner
from federation.plan.live.removed_fields import RemovedField
from federation.plan.model.plan import PlannedObject
from federation.plan.objects.manifests import FIELD_MANAGER, MANAGED_LABEL

__all__ = ["FieldConflict", "FoundConflicts", "find_conflicts"]

LIMIT = 50  # objects tried in one member; a message about more of them is of no use


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldConflict:
    """One field of an object that ``manager`` owns, with its ``live`` and its ``planned`` value.

    Values are texts to show; "" stands for a value that is too long to show, or secret.
    """

    logical_name: str
    field: str
    manager: str
    live: str
    planned: str

    def __str__(self) -> str:
        values = f" ({self.live} live, {self.planned} planned)" if self.live and self.planned else ""
        return f"{self.logical_name} {self.field.removeprefix('.')}: owned by {self.manager}{values}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundConflicts:
    """What was found in one member. ``removed`` are the fields that go at their object's next update. ``injected`` has
    by logical name the values that others have injected, for all existing objects of such kinds. ``refused`` are the
    planned objects that the member has with the label against management."""

    conflicts: tuple[FieldConflict, ...] = ()
    removed: tuple[RemovedField, ...] = ()
    injected: Mapping[str, Injected] = field(default_factory=dict)
    refused: tuple[PlannedObject, ...] = ()


def find_conflicts(client: Client, objects: Iterable[PlannedObject], until: float = math.inf) -> FoundConflicts:
    """Search the live counterparts of ``objects``, all of one member. Raises what ``client`` raises, and
    ``TimeoutError`` when a request would begin after ``until`` (by the monotonic clock)."""
    by_kind: dict[tuple[str, str, bool], dict[tuple[str, str], PlannedObject]] = {}
    for each in objects:
        kind = (each.api_version, each.kind, bool(each.namespace))
        by_kind.setdefault(kind, {})[each.namespace, each.name] = each
    search = _Search(client, until)
    for (api_version, name, namespaced), planned in by_kind.items():
        search.kind(api_client.resource(api_version, name, namespaced=namespaced), planned)
    return FoundConflicts(
        conflicts=tuple(search.conflicts),
        removed=tuple(search.removed),
        injected=search.injected,
        refused=tuple(search.refused),
    )


class _Search:
    """A search through one member, kind by kind, and its results."""

    def __init__(self, client: Client, until: float) -> None:
        self._client, self._until, self._tried = client, until, 0
        self.conflicts: list[FieldConflict] = []
        self.removed: list[RemovedField] = []
        self.injected: dict[str, Injected] = {}
        self.refused: list[PlannedObject] = []

    def kind(self, resource: Any, planned: Mapping[tuple[str, str], PlannedObject]) -> None:
        """Look at the objects of one kind, ``planned`` by namespace and name."""
        self._check_time()
        for live in _listed(self._client, resource):
            metadata = live["metadata"]
            wanted = planned.get((metadata.get("namespace", ""), metadata["name"]))
            if wanted is not None and metadata["labels"][MANAGED_LABEL] == "false":
                self.refused.append(wanted)
            elif wanted is not None:
                self._object(resource, wanted, live)

    def _object(self, resource: Any, planned: PlannedObject, live: Mapping[str, Any]) -> None:
        if injected_values.is_injectable(planned):
            injected = self.injected[planned.logical_name] = injected_values.merged(planned, live)
            planned = replace(planned, manifest=injected.manifest)
        if not _is_touched(live["metadata"]):
            return
        self.removed += removed_fields.find_removed_fields(planned, live)
        if self._tried < LIMIT:
            self._tried += 1
            self._check_time()
            self.conflicts += _conflicts(self._client, resource, planned, live)

    def _check_time(self) -> None:
        if time.monotonic() > self._until:
            raise TimeoutError("it answers too slowly")


def _listed(client: Client, resource: Any) -> Iterator[Mapping[str, Any]]:
    labels: dict[str, Any] = {MANAGED_LABEL: operators.exists()}
    try:
        if issubclass(resource, GenericNamespacedResource):
            yield from client.list(resource, namespace="*", labels=labels)
        else:
            yield from client.list(resource, labels=labels)
    except ApiError as error:
        # The update itself may bring its definition, or the user may not list it: neither is a fault.
        if error.status.code not in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
            raise


def _is_touched(metadata: Mapping[str, Any]) -> bool:
    return any(
        managed_fields.owner(entry) is not Owner.OURS and entry.get("subresource") != "status"
        for entry in metadata.get("managedFields") or ()
    )


def _conflicts(client: Client, resource: Any, planned: PlannedObject, live: Mapping[str, Any]) -> list[FieldConflict]:
    body = _shown(planned.manifest)
    for path in planned.ignore_changes:
        _drop(body, path)
    where = {"namespace": planned.namespace} if planned.namespace else {}
    options: dict[str, Any] = {"patch_type": PatchType.APPLY, "field_manager": FIELD_MANAGER, "dry_run": True, **where}
    try:
        client.patch(resource, planned.name, body, **options)
    except ApiError as error:
        causes = (error.status.details.causes if error.status.details else None) or []
        return [
            _conflict(planned, live, body, cause.field or "", manager)
            for cause in causes
            if cause.reason == "FieldManagerConflict" and (manager := _foreign(cause.message or ""))
        ]
    return []


def _foreign(message: str) -> str:
    """The manager in ``conflict with "kubectl" using v1``, "" if it is ours. An applied field is in no version."""
    parts = message.split('"')
    manager = parts[1] if len(parts) > 1 else "another manager"
    return "" if managed_fields.is_ours(manager, "Update" if " using " in message else "Apply") else manager


def _conflict(planned: PlannedObject, live: Mapping[str, Any], body: Any, field: str, manager: str) -> FieldConflict:
    hidden = planned.kind == "Secret"
    return FieldConflict(
        logical_name=planned.logical_name,
        field=field,
        manager=manager,
        live="" if hidden else managed_fields.shown(field_paths.at(live, field)),
        planned="" if hidden else managed_fields.shown(field_paths.at(body, field)),
    )


def _shown(value: Any) -> Any:
    """The manifest in plain dicts and lists, without secret values: their owners are not compared."""
    if isinstance(value, Mapping):
        return {
            key: _shown(item) for key, item in value.items() if not isinstance(item, SecretLiteral | SecretReference)
        }
    if isinstance(value, list | tuple):
        return [_shown(item) for item in value]
    return value


def _drop(tree: Any, path: str) -> None:
    *parents, last = path.split(".")
    for key in parents:
        tree = tree.get(key) if isinstance(tree, dict) else None
    if isinstance(tree, dict):
        tree.pop(last, None)
