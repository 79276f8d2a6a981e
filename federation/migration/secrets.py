"""Replace a Secret's values in written documents with references to the stack's encrypted config.

A document is kept in a repository, so it holds no secret value. The config holds plain text, which is encoded when it
is read. A value that is not text cannot be stored there, and is reported.
"""

import base64
import binascii
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any, Final

from federation.api.model.federated import Tree
from federation.api.model.types import group_of
from federation.api.reading.messages import allowed_keys
from federation.api.reading.shapes import FederatedShape, OperationShape, OverrideEntry
from federation.api.reading.validation import LAST_APPLIED
from federation.errors.fault import Fault
from federation.errors.report import DATA, described
from federation.errors.source import PathKey
from federation.migration.source_objects import SourceObject, mapping, object_list

__all__ = ["Keys", "MovedSecret", "by_reference", "is_secret"]

FIELDS: Final = ("apiVersion", "kind", "metadata", "type", "immutable", *DATA)
REFERENCE: Final = "write text, or {valueFrom: {config: <key>}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedSecret:
    """A value that was taken out of a document, to be put into the config under ``key``."""

    key: str
    where: str  # Secret demo/web, data.password

    def __str__(self) -> str:
        return f"pulumi config set --secret {self.key}    # {self.where}"


def is_secret(resource: SourceObject) -> bool:
    """Whether this object holds secret values: a Secret, or KubeFed's document of one."""
    return resource.kind in ("Secret", "FederatedSecret")


@dataclass(slots=True)
class Keys:
    """The keys of the config that are in use; no two values get the same one."""

    taken: set[str] = field(default_factory=set)

    @classmethod
    def beside(cls, resources: Iterable[SourceObject]) -> "Keys":
        """Keys that exclude those that the documents of ``resources`` refer to already."""
        return cls({key for resource in resources if is_secret(resource) for key in _is_reference(resource.tree)})

    def new(self, plain: str) -> str:
        """``plain``, or ``plain`` with the first free number: different names may join to the same key."""
        numbered = (f"{plain}_{number}" for number in count(2))
        key = next(each for each in chain([plain], numbered) if each not in self.taken)
        self.taken.add(key)
        return key


def by_reference(
    resource: SourceObject, keys: Keys, *, template: PathKey = ("spec", "template")
) -> tuple[Tree, tuple[MovedSecret, ...], tuple[Fault, ...]]:
    """The tree with a reference in place of each value, the values to put into the config, and faults.

    Faults are warnings, and errors for a mapping or list in place of a value. ``template`` is the path, in the source,
    of the part that is the template of a federated document here.
    """
    if not is_secret(resource):
        return resource.tree, (), ()
    replacement = _Replacement(resource, keys)
    is_plain = resource.kind == "Secret"
    tree = replacement.body(resource.tree, ()) if is_plain else replacement.document(resource.tree, template)
    return tree, tuple(replacement.moved_secrets), tuple(replacement.faults)


@dataclass(slots=True)
class _Replacement:
    resource: SourceObject
    keys: Keys
    moved_secrets: list[MovedSecret] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def document(self, whole: Tree, template: PathKey) -> Tree:
        whole = self.known_fields(whole, (*allowed_keys(FederatedShape, ()), "status"), ())
        spec_tree = self._mapping(whole.get("spec"), ("spec",))
        spec = self.known_fields(spec_tree, allowed_keys(FederatedShape, ("spec",)), ("spec",))
        changed: dict[str, Any] = {**spec}
        if spec.get("template"):
            changed["template"] = self.body(self._mapping(spec["template"], template), template)
        if spec.get("overrides"):
            changed["overrides"] = self.overrides(spec["overrides"], ("spec", "overrides"))
        return {**whole, "spec": changed}

    def body(self, tree: Tree, at: PathKey) -> Tree:
        parts = {part: self._values(part, tree[part], (*at, part)) for part in DATA if tree.get(part)}
        is_core = not group_of(str(tree.get("apiVersion") or "v1"))
        return {**_without_copy(self.known_fields(tree, FIELDS, at) if is_core else tree), **parts}

    def known_fields(self, tree: Tree, allowed: Collection[str], at: PathKey) -> Tree:
        """``tree`` without its unknown fields.

        Such a field may contain a secret that was put into the wrong place, and no plan would send it to a member.
        """
        for key in tree:
            if key not in allowed:
                message = "this key is not known here; it is left out, for it may contain a secret"
                self._warn((*at, key), message, "put values below data or stringData of the template")
        return {key: value for key, value in tree.items() if key in allowed}

    def overrides(self, entries: Any, at: PathKey) -> list[Tree]:
        return [
            self._entry(self._mapping(entry, (*at, index)), (*at, index))
            for index, entry in enumerate(self._list(entries, at))
        ]

    def _entry(self, entry: Tree, at: PathKey) -> Tree:
        inside = (*at, "clusterOverrides")
        replaced = [
            self._operation(self._mapping(operation, (*inside, index)), entry, (*inside, index))
            for index, operation in enumerate(self._list(entry.get("clusterOverrides"), inside))
        ]
        operations = {"clusterOverrides": [each for each in replaced if each is not None]}
        return {**self.known_fields(entry, allowed_keys(OverrideEntry, ()), at), **operations}

    def _operation(self, operation_tree: Tree, entry: Tree, at: PathKey) -> Tree | None:
        """The operation without its secret values; ``None`` where these cannot be replaced."""
        operation = self.known_fields(operation_tree, allowed_keys(OperationShape, ()), at)
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
                    (*at, "path"), f"this override is left out: {why}", "kubectl apply wrote it; it is not needed"
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
            return {**operation, "value": self._values(part, value, at, member)}
        rest = {key: item for key, item in operation.items() if key != "value"}
        return {**rest, **self._leaf(part, keys[0], value, at, member)}

    def _values(self, part: str, values: Any, at: PathKey, member: str = "") -> Tree:
        if not isinstance(values, Mapping):
            self._error(at, f"must be a mapping of names to values, and is {described(values)}")
        return {
            key: self._leaf(part, str(key), value, (*at, str(key)), member) for key, value in mapping(values).items()
        }

    def _leaf(self, part: str, key: str, value: Any, at: PathKey, member: str) -> Tree:
        match value:
            case {"valueFrom": {"config": str(config_key), **more}, **others} if config_key and not more and not others:
                return {"valueFrom": {"config": config_key}}
            case Mapping():
                self._error(at, "is a mapping, but not a reference to the stack's config", REFERENCE)
                return {}
            case list() | tuple():
                self._error(at, f"must be text, and is {described(value)}", REFERENCE)
                return {}
        if part == "data" and not _is_text(value):
            remedy = "keep it with --with-secrets, or keep it in a store of secrets that the members read"
            self._warn(at, "is not text, and the config holds only text", remedy)
        plain = "_".join([self.resource.namespace or "default", self.resource.name, *([member] if member else []), key])
        name = self.keys.new(plain)
        words = [f"Secret {self.resource.namespace}/{self.resource.name} {part}.{key}"]
        words += [f"for {member}"] if member else []
        words += [f"({self.resource.source.place(*at)})"] if name != plain else []
        self.moved_secrets.append(MovedSecret(key=name, where=" ".join(words)))
        return {"valueFrom": {"config": name}}

    def _mapping(self, value: Any, at: PathKey) -> Tree:
        if value is not None and not isinstance(value, Mapping):
            self._error(at, f"must be a mapping, and is {described(value)}")
        return mapping(value)

    def _list(self, value: Any, at: PathKey) -> list[Any]:
        if value is not None and not isinstance(value, list | tuple):
            self._error(at, f"must be a list, and is {described(value)}")
        return object_list(value)

    def _warn(self, at: PathKey, message: str, remedy: str) -> None:
        self.faults.append(self.resource.warning(at, message, remedy))

    def _error(self, at: PathKey, message: str, remedy: str = "") -> None:
        self.faults.append(self.resource.source.fault(at, message, remedy))


def _is_reference(tree: Any) -> Iterator[str]:
    """The keys of the config that a tree refers to."""
    match tree:
        case {"valueFrom": {"config": str(key)}}:
            yield key
        case Mapping():
            for below in tree.values():
                yield from _is_reference(below)
        case list() | tuple():
            for below in tree:
                yield from _is_reference(below)


def _without_copy(tree: Tree) -> Tree:
    """``tree`` without kubectl's copy of the object in the annotations, which has secret values in plain text."""
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
