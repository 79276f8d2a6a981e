"""Find the fields of a live object that its next update removes, because people set them with ``kubectl``.

Before an update the provider takes over the fields that ``kubectl`` owns, and server-side apply removes those that the
manifest lacks. A definition is replaced as a whole. A preview skips that step and does not show it. A field that
another manager owns as well stays. A field that we own as well goes only when the documents change, which a preview
shows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from federation.api.model.federated import Tree
from federation.api.reading.validation import LAST_APPLIED
from federation.plan.live import managed_fields
from federation.plan.live.managed_fields import ABSENT, Path
from federation.plan.model.plan import PlannedObject
from federation.plan.model.trees import mapping

__all__ = ["RemovedField", "find_removed_fields"]

_NOTE: Final = f"f:{LAST_APPLIED}"
"""The annotation that ``kubectl apply`` writes for itself. Each object it applied has it; its loss is harmless."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RemovedField:
    """A field that ``manager`` set and the next update removes; ``value`` is "" if it is long or secret."""

    logical_name: str
    field: str
    manager: str
    value: str = ""

    def __str__(self) -> str:
        value = f" ({self.value})" if self.value else ""
        return f"{self.logical_name} {self.field}{value}: {self._origin}, removed by this update"

    @property
    def _origin(self) -> str:
        return "set with kubectl" if self.manager.startswith("kubectl") else f"set by {self.manager}"


def find_removed_fields(planned: PlannedObject, live: Tree) -> tuple[RemovedField, ...]:
    """The fields of ``live`` that an update to ``planned`` removes and Pulumi does not show, sorted."""
    owned = managed_fields.ownership(live)
    manifest = _sent_manifest(planned)
    managers: dict[Path, str] = {}
    for path, manager in owned.taken_over.items():
        if path in owned.others or path in owned.ours or managed_fields.has(manifest, path) or _NOTE in path:
            continue
        if managed_fields.value_at(live, path) is not ABSENT:
            managers.setdefault(_whole_item(path, manifest, owned.others), manager)
    hidden = planned.kind == "Secret"
    return tuple(
        sorted(
            RemovedField(
                logical_name=planned.logical_name,
                field=managed_fields.text(path),
                manager=manager,
                value="" if hidden else managed_fields.shown(managed_fields.value_at(live, path)),
            )
            for path, manager in managers.items()
        )
    )


def _sent_manifest(planned: PlannedObject) -> Tree:
    """The manifest as the provider sends it: ``stringData`` of a Secret becomes ``data``."""
    manifest = planned.manifest
    if planned.kind != "Secret":
        return manifest
    return {**manifest, "data": {**mapping(manifest.get("data")), **mapping(manifest.get("stringData"))}}


def _whole_item(path: Path, manifest: Tree, others: Iterable[Path]) -> Path:
    """The list item that is removed with the field at ``path``, or ``path`` itself if its item stays."""
    for end in range(1, len(path)):
        item = path[:end]
        if item[-1].startswith("k:") and not managed_fields.has(manifest, item):
            return path if any(each[:end] == item for each in others) else item
    return path
