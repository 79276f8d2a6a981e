"""What stands in place of a Secret's values in a document that is written? A reference to the stack's encrypted config.

A document is kept in a repository, so it holds no secret value. The config holds plain text, which is encoded on the
way; a value that is no text cannot go there, and is said.
"""

import base64
import binascii
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from federation.api.federated import Tree
from federation.api.reading import LAST_APPLIED
from federation.api.report import DATA
from federation.api.shapes import FederatedShape, Operation, OverrideEntry
from federation.api.source import PathKey
from federation.api.translation import allowed_keys
from federation.api.types import group_of
from federation.errors import Fault
from federation.migration.given import Given, listed, mapping

__all__ = ["Moved", "by_reference", "is_secret"]

FIELDS: Final = ("apiVersion", "kind", "metadata", "type", "immutable", *DATA)


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
    tree = moving.known(given.tree, (*allowed_keys(FederatedShape, ()), "status"), ())
    spec = moving.known(mapping(tree.get("spec")), allowed_keys(FederatedShape, ("spec",)), ("spec",))
    changed: dict[str, Any] = {**spec}
    if spec.get("template"):
        changed["template"] = moving.body(mapping(spec["template"]), ("spec", "template"))
    if spec.get("overrides"):
        changed["overrides"] = moving.overrides(spec["overrides"])
    return {**tree, "spec": changed}, tuple(moving.moved), tuple(moving.faults)


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
        is_core = not group_of(str(tree.get("apiVersion") or "v1"))
        return {**_without_copy(self.known(tree, FIELDS, at) if is_core else tree), **parts}

    def known(self, tree: Tree, allowed: Collection[str], at: PathKey) -> Tree:
        """``tree`` without the fields that nothing knows: what stands there may well be a value put into the wrong
        place, and no plan would take it to a member."""
        for key in tree:
            if key not in allowed:
                message = "this key is not known here; it is left out, for it may hold a secret"
                self._warn((*at, key), message, "put values below data or stringData of the template")
        return {key: value for key, value in tree.items() if key in allowed}

    def overrides(self, entries: Any) -> Any:
        return [
            self._entry(mapping(entry), ("spec", "overrides", index)) for index, entry in enumerate(listed(entries))
        ]

    def _entry(self, entry: Tree, at: PathKey) -> Tree:
        written = listed(entry.get("clusterOverrides"))
        made = [
            self._operation(mapping(operation), entry, (*at, "clusterOverrides", index))
            for index, operation in enumerate(written)
        ]
        operations = {"clusterOverrides": [each for each in made if each is not None]}
        return {**self.known(entry, allowed_keys(OverrideEntry, ()), at), **operations}

    def _operation(self, given: Tree, entry: Tree, at: PathKey) -> Tree | None:
        """The operation without the values that it holds; ``None`` where it cannot do without."""
        operation = self.known(given, allowed_keys(Operation, ()), at)
        value = operation.get("value")
        if value is None:
            return operation
        root, *parts = str(operation.get("path")).split("/")
        match parts:
            case ["data" | "stringData", *keys] if not root and len(keys) < 2:
                return self._secret_operation(operation, parts[0], keys, entry, at)
            case ["metadata", "annotations", key, *_] if not root and key.replace("~1", "/") == LAST_APPLIED:
                why = f"{LAST_APPLIED} holds a Secret's values"
                self._warn(
                    (*at, "path"), f"this override is left out: {why}", "kubectl apply wrote it; no one needs it"
                )
                return None
            case ["metadata"] if not root:
                return {**operation, "value": _without_copy({"metadata": value})["metadata"]}
            case ["metadata", "annotations"] if not root:
                return {
                    **operation,
                    "value": _without_copy({"metadata": {"annotations": value}})["metadata"]["annotations"],
                }
            case [part, *_] if not root and part in FIELDS and part not in DATA:
                return operation
        message = "this override is left out: its path leads to no field of a Secret, and its value may be a secret"
        self._warn((*at, "path"), message, "write a path such as /stringData/<key>, and valueFrom: {config: <key>}")
        return None

    def _secret_operation(self, operation: Tree, part: str, keys: list[str], entry: Tree, at: PathKey) -> Tree:
        at = (*at, "value")
        member = str(entry.get("clusterName") or "selected")
        value = operation["value"]
        if not keys:
            values = self._values(part, value, at, lambda part, key: f"{part}.{key} for {member}", member)
            return {**operation, "value": values}
        leaf = self._leaf(part, keys[0], value, at, f"{part}.{keys[0]} for {member}", member)
        rest = {key: item for key, item in operation.items() if key != "value"}
        return {**rest, "valueFrom": leaf["valueFrom"]} if isinstance(leaf, dict) else {**rest, "value": leaf}

    def _warn(self, at: PathKey, message: str, remedy: str) -> None:
        self.faults.append(self.given.warning(at, message, remedy))

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
            self._warn(at, "is no text, which is all that the config can hold", remedy)
        words = [self.given.namespace or "default", self.given.name, *([member] if member else []), key]
        name = "_".join(words)
        self.moved.append(Moved(key=name, where=f"Secret {self.given.namespace}/{self.given.name} {where}"))
        return {"valueFrom": {"config": name}}


def _without_copy(tree: Tree) -> Tree:
    """``tree`` without kubectl's copy of a whole object in the annotations, which has its values in the clear."""
    metadata = mapping(tree.get("metadata"))
    annotations = mapping(metadata.get("annotations"))
    if LAST_APPLIED not in annotations:
        return tree
    others = {key: value for key, value in annotations.items() if key != LAST_APPLIED}
    return {**tree, "metadata": {**metadata, "annotations": others}}


def _is_text(value: Any) -> bool:
    try:
        base64.b64decode(str(value)).decode()
    except (binascii.Error, ValueError):
        return False
    return True
