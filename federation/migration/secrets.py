"""What stands in place of a Secret's values in a document that is written? A reference to the stack's encrypted config.

A document is kept in a repository, so it holds no secret value. The config holds plain text, which is encoded on the
way; a value that is no text cannot go there, and is said.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from federation.api.federated import Tree
from federation.api.report import DATA
from federation.api.sealing import is_secret_path
from federation.api.source import PathKey
from federation.errors import Fault
from federation.migration.given import Given, listed, mapping

__all__ = ["Moved", "by_reference", "is_secret"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A value that no document holds any more: it is to be put into the config under ``key``."""

    key: str
    where: str  # Secret demo/web, data.password

    def __str__(self) -> str:
        return f"pulumi config set --secret {self.key}    # {self.where}"


def is_secret(given: Given) -> bool:
    """Whether this object holds secret values: a Secret, or KubeFed's document of one."""
    return given.kind in ("Secret", "FederatedSecret")


def by_reference(given: Given) -> tuple[Tree, tuple[Moved, ...], tuple[Fault, ...]]:
    """The tree with a reference in the place of each value, what is to be put into the config, and warnings."""
    if not is_secret(given):
        return given.tree, (), ()
    moving = _Moving(given)
    if given.kind == "Secret":
        return moving.body(given.tree, ()), tuple(moving.moved), tuple(moving.faults)
    spec = mapping(given.tree.get("spec"))
    changed: dict[str, Any] = {**spec}
    if spec.get("template"):
        changed["template"] = moving.body(mapping(spec["template"]), ("spec", "template"))
    if spec.get("overrides"):
        changed["overrides"] = moving.overrides(spec["overrides"])
    return {**given.tree, "spec": changed}, tuple(moving.moved), tuple(moving.faults)


@dataclass(slots=True)
class _Moving:
    given: Given
    moved: list[Moved] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def body(self, tree: Tree, at: PathKey) -> Tree:
        parts = {
            part: self._values(part, tree[part], (*at, part), lambda part, key: f"{part}.{key}", "")
            for part in DATA
            if tree.get(part)
        }
        return {**tree, **parts}

    def overrides(self, entries: Any) -> Any:
        return [
            {
                **mapping(entry),
                "clusterOverrides": [
                    self._operation(mapping(operation), mapping(entry), ("spec", "overrides", index))
                    for operation in listed(mapping(entry).get("clusterOverrides"))
                ],
            }
            for index, entry in enumerate(listed(entries))
        ]

    def _operation(self, operation: Tree, entry: Tree, at: PathKey) -> Tree:
        pointer = str(operation.get("path"))
        if not is_secret_path(pointer) or operation.get("value") is None:
            return operation
        _, part, *keys = pointer.split("/")
        member = str(entry.get("clusterName") or "selected")
        value = operation["value"]
        if not keys:
            values = self._values(part, value, at, lambda part, key: f"{part}.{key} for {member}", member)
            return {**operation, "value": values}
        leaf = self._leaf(part, keys[0], value, at, f"{part}.{keys[0]} for {member}", member)
        rest = {key: item for key, item in operation.items() if key != "value"}
        return {**rest, "valueFrom": leaf["valueFrom"]} if isinstance(leaf, dict) else {**rest, "value": leaf}

    def _values(self, part: str, values: Any, at: PathKey, name: Callable[[str, str], str], member: str) -> Any:
        if not isinstance(values, Mapping):
            return {}
        return {
            key: self._leaf(part, str(key), value, (*at, str(key)), name(part, str(key)), member)
            for key, value in values.items()
        }

    def _leaf(self, part: str, key: str, value: Any, at: PathKey, where: str, member: str) -> Any:
        if isinstance(value, Mapping):
            return value  # a reference already
        if part == "data" and not _is_text(value):
            remedy = "keep it with --with-secrets, or hold it in a store of secrets that the members read"
            self.faults.append(self.given.warning(at, "is no text, which is all that the config can hold", remedy))
        words = [self.given.namespace or "default", self.given.name, *([member] if member else []), key]
        name = "_".join(words)
        self.moved.append(Moved(key=name, where=f"Secret {self.given.namespace}/{self.given.name} {where}"))
        return {"valueFrom": {"config": name}}


def _is_text(value: Any) -> bool:
    try:
        base64.b64decode(str(value)).decode()
    except (binascii.Error, ValueError):
        return False
    return True
