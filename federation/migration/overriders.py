"""Turn Karmada's overriders into JSON Patch operations on one object.

Karmada applies them in sequence, each to the result of the ones before: images, command, arguments, labels,
annotations, fields, then plain patches. So they are evaluated here, on the object, to operations with plain values.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

import yaml

from federation.api.model.federated import Tree
from federation.api.reading.placement_and_overrides import FORBIDDEN
from federation.errors.fault import Fault
from federation.errors.source import PathKey
from federation.migration import images
from federation.migration.source_objects import SourceObject, mapping, object_list
from federation.plan.overrides import json_patch
from federation.plan.views import yaml_writer

__all__ = ["Patching", "escaped"]

Op = Literal["add", "remove", "replace"]
OPS: Final = ("add", "remove", "replace")
PODS: Final = {
    "DaemonSet": "/spec/template/spec",
    "Deployment": "/spec/template/spec",
    "Job": "/spec/template/spec",
    "Pod": "/spec",
    "ReplicaSet": "/spec/template/spec",
    "StatefulSet": "/spec/template/spec",
}


def escaped(key: str) -> str:
    """A key as a part of a JSON Pointer."""
    return key.replace("~", "~0").replace("/", "~1")


@dataclass(slots=True, kw_only=True)
class Patching:
    """An object that a policy's rules change. ``operations`` are those applied so far."""

    tree: Tree
    kind: str
    policy: SourceObject
    lost: list[Fault]
    operations: list[dict[str, Any]] = field(default_factory=list)

    def apply(self, overriders: Tree, at: PathKey) -> None:
        """Apply the ``overriders`` at the path ``at`` of the policy."""
        for index, each in enumerate(object_list(overriders.get("imageOverrider"))):
            self._images(mapping(each), (*at, "imageOverrider", index))
        for part in ("command", "args"):
            for index, each in enumerate(object_list(overriders.get(f"{part}Overrider"))):
                self._words(part, mapping(each), (*at, f"{part}Overrider", index))
        for part in ("labels", "annotations"):
            for index, each in enumerate(object_list(overriders.get(f"{part}Overrider"))):
                self._pairs(part, mapping(each), (*at, f"{part}Overrider", index))
        for index, each in enumerate(object_list(overriders.get("fieldOverrider"))):
            self._field(mapping(each), (*at, "fieldOverrider", index))
        for index, each in enumerate(object_list(overriders.get("plaintext"))):
            operation = mapping(each)
            path, op = str(operation.get("path")), operation.get("operator")
            self._do(op, path, operation.get("value"), (*at, "plaintext", index))
        handled = {"imageOverrider", "commandOverrider", "argsOverrider", "labelsOverrider", "annotationsOverrider"}
        for key in sorted(set(overriders) - handled - {"fieldOverrider", "plaintext"}):
            self._lose((*at, key), "this overrider is not known here", "write an override by hand")

    def _do(self, op: Any, path: str, value: Any, at: PathKey) -> None:
        if op not in OPS:
            self._lose(at, f"operator {op!r} is none of {', '.join(OPS)}", "correct it, and import again")
            return
        if path in FORBIDDEN:
            self._lose(at, f"{path} cannot be overridden here", "an object is the same one in every member")
            return
        try:
            self.tree = json_patch.apply(self.tree, cast("Op", op), path, value).tree
        except json_patch.PatchError as error:
            self._lose(
                at, f"{op} {path} does not apply: {error}", "it also fails in Karmada; correct it or leave it out"
            )
            return
        self.operations.append({"op": op, "path": path, **({} if op == "remove" else {"value": value})})

    def _lose(self, at: PathKey, message: str, remedy: str) -> None:
        self.lost.append(self.policy.warning(at, message, remedy))

    def _containers(self) -> Iterator[tuple[str, Tree]]:
        around = PODS.get(self.kind)
        if around is None:
            return
        for index, container in enumerate(object_list(_at(self.tree, f"{around}/containers"))):
            yield f"{around}/containers/{index}", mapping(container)

    def _images(self, overrider: Tree, at: PathKey) -> None:
        wanted = mapping(overrider.get("predicate")).get("path")
        paths = [str(wanted)] if wanted else [f"{path}/image" for path, _ in self._containers()]
        for path in paths:
            image = _at(self.tree, path)
            if not isinstance(image, str):
                self._lose(at, f"there is no image at {path}", "it also fails in Karmada; correct it or leave it out")
                continue
            result = images.changed(
                image,
                str(overrider.get("component")),
                str(overrider.get("operator")),
                str(overrider.get("value") or ""),
            )
            self._do("replace", path, result, at)

    def _words(self, part: str, overrider: Tree, at: PathKey) -> None:
        named = [
            (path, each) for path, each in self._containers() if each.get("name") == overrider.get("containerName")
        ]
        if not named:
            self._lose(at, f"{self.kind} has no container {overrider.get('containerName')!r}", "")
        for path, container in named:
            current, wanted = (
                object_list(container.get(part)),
                [str(word) for word in object_list(overrider.get("value"))],
            )
            if overrider.get("operator") == "remove":
                result = [word for word in current if word not in wanted]
            else:
                result = [*current, *wanted]
            if result != current:
                self._do("replace" if part in container else "add", f"{path}/{part}", result, at)

    def _pairs(self, part: str, overrider: Tree, at: PathKey) -> None:
        pairs = {str(key): str(value) for key, value in sorted(mapping(overrider.get("value")).items())}
        op = overrider.get("operator")
        if op == "add" and not isinstance(_at(self.tree, f"/metadata/{part}"), dict):
            self._do("add", f"/metadata/{part}", pairs, at)
            return
        current = mapping(_at(self.tree, f"/metadata/{part}"))
        for key, value in pairs.items():
            if op == "add" or key in current:  # Karmada ignores the others
                self._do(op, f"/metadata/{part}/{escaped(key)}", value, at)

    def _field(self, overrider: Tree, at: PathKey) -> None:
        path = str(overrider.get("fieldPath"))
        text = _at(self.tree, path)
        if not isinstance(text, str):
            self._lose(at, f"there is no text at {path}", "it also fails in Karmada; correct it or leave it out")
            return
        for form in ("yaml", "json"):
            edits = object_list(overrider.get(form))
            if edits:
                try:
                    result = _edited(text, form, edits)
                except (json_patch.PatchError, ValueError, yaml.YAMLError):
                    self._lose(at, f"the text at {path} cannot be edited as {form}", "write it whole, by override")
                    continue
                self._do("replace", path, result, at)


def _edited(text: str, form: str, edits: Sequence[Any]) -> str:
    tree = json.loads(text) if form == "json" else yaml.safe_load(text)
    for each in edits:
        operation = mapping(each)
        op = cast("Op", operation.get("operator"))
        tree = json_patch.apply(tree, op, str(operation.get("subPath")), operation.get("value")).tree
    return json.dumps(tree) if form == "json" else yaml_writer.text_of(tree, sort_keys=True)


def _at(tree: Any, pointer: str) -> Any:
    """The value at a JSON Pointer; ``None`` when there is none."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(tree, list) and key.isdecimal() and int(key) < len(tree):
            tree = tree[int(key)]
        elif isinstance(tree, dict):
            tree = tree.get(key)
        else:
            return None
    return tree
