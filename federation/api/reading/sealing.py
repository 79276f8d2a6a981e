"""Wrap the secret values of a Secret's document.

Every value under ``data`` and ``stringData`` is either a reference to the stack's encrypted config, which is the
recommended form, or a literal, as in KubeFed's manifests. A literal is wrapped before any other code sees it, with one
warning for the document.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from federation.api.model.encoded import is_base64
from federation.api.model.federated import Tree
from federation.api.model.secrets import SecretLiteral, SecretReference
from federation.errors.report import DATA, Report, described
from federation.errors.source import PathKey, dotted

__all__ = ["Seal", "is_secret_path"]

REFERENCE = "write {valueFrom: {config: <key>}}, or text"


def is_secret_path(pointer: str) -> bool:
    """Whether a JSON Pointer into a Secret leads to its values."""
    return pointer.split("/")[1:2] in (["data"], ["stringData"])


@dataclass(slots=True)
class Seal:
    """Wraps the secret leaves of one document, and warns once if there were literals."""

    report: Report
    literals: list[PathKey] = field(default_factory=list)

    def tree(self, tree: Tree, at: PathKey) -> Tree:
        """``tree`` (a Secret or its template, at the path ``at``) with its leaves wrapped; the rest is shared."""
        sealed = {
            part: self.values(tree[part], (*at, part), encoded=part == "data")
            for part in DATA
            if tree.get(part) is not None
        }
        return {**tree, **sealed}

    def values(self, values: Any, path: PathKey, *, encoded: bool) -> Any:
        """A whole ``data`` or ``stringData``."""
        if not isinstance(values, dict):
            self.report.error(path, f"must be a mapping of names to values, and is {described(values)}")
            return {}
        return {key: self.leaf(value, (*path, key), encoded=encoded) for key, value in values.items()}

    def operation(self, pointer: str, value: Any, path: PathKey) -> Any:
        """The value of an override whose path leads into ``data`` or ``stringData``."""
        parts = pointer.split("/")
        encoded = parts[1] == "data"
        if len(parts) == 2:
            return self.values(value, path, encoded=encoded)
        return self.leaf(value, path, encoded=encoded)

    def leaf(self, value: Any, path: PathKey, *, encoded: bool) -> Any:
        """One value: a ``SecretReference`` or a ``SecretLiteral``; ``None`` when it is neither."""
        match value:
            case SecretLiteral():
                return value
            case SecretReference():
                return replace(value, encoded=encoded)
            case str():
                if encoded and not is_base64(value):
                    self.report.error(path, "is not base64", "write plain text below stringData instead")
                self.literals.append(path)
                return SecretLiteral(value)
            case {"valueFrom": {"config": str(key), **more}, **others} if key and not more and not others:
                return SecretReference(key=key, encoded=encoded)
            case dict():
                self.report.error(path, "is a mapping, but not a reference to the stack's config", REFERENCE)
            case bool() | int() | float():
                self.report.error(path, "must be text", "write the value in quotes")
            case _:
                self.report.error(path, f"must be text, and is {described(value)}", REFERENCE)
        return None

    def warn(self) -> None:
        """Add the warning about literals, if there were any."""
        if not self.literals:
            return
        first = self.literals[0]
        shown = dotted(first[-2:]) if len(first) > 1 and first[-2] in DATA else "an override"
        more = f" and {len(self.literals) - 1} more" if len(self.literals) > 1 else ""
        self.report.warning(
            first,
            f"literal secret in {shown}{more}: it is readable in this file",
            "put it into the stack's config, `pulumi config set --secret <key>`, and write "
            "{valueFrom: {config: <key>}} in its place",
        )
