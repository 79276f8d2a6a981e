"""Find renamed documents, and describe the safe way to rename them.

For Kubernetes, an object under another name is another object: nothing can move it. A document that goes and one of the
same kind that comes, in the same namespace and members, are most likely one document with a new name.
"""

from collections.abc import Iterable, Mapping, Sequence

from federation.plan.changes.diff import ObjectChange

__all__ = ["lines", "pairs", "safe_way"]

_DATA = ("CustomResourceDefinition", "Namespace", "PersistentVolume", "PersistentVolumeClaim", "StatefulSet")


def pairs(changes: Iterable[ObjectChange]) -> Mapping[str, str]:
    """The new document by the old one, if exactly one of a kind goes and exactly one comes."""
    gone: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    come: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for each in changes:
        side = gone if each.deleted else come if each.change == "create" else None
        if side is not None:
            key = (each.entry.api_version, each.entry.kind, each.entry.namespace)
            side.setdefault(key, {}).setdefault(each.document, set()).add(each.member)
    found = {}
    for key, old in gone.items():
        new = come.get(key, {})
        if len(old) == len(new) == 1:
            (before, left), (after, joined) = *old.items(), *new.items()
            if left & joined:
                found[before] = after
    return dict(sorted(found.items()))


def safe_way(before: str, after: str) -> str:
    """The steps that rename a document so that at every moment one of the objects exists."""
    copied = ", copy what it holds" if before.split("/")[-2] in _DATA else ""
    return (
        f"if {before} is renamed to {after}, keep both documents beside each other for one update{copied}, "
        f"then remove the old one with `fed up --allow {before}`"
    )


def lines(changes: Sequence[ObjectChange]) -> tuple[str, ...]:
    """One line per document that seems to be renamed."""
    return tuple(
        f"{before} goes and {after} comes: a new name is a new object; {safe_way(before, after)}"
        for before, after in pairs(changes).items()
    )
