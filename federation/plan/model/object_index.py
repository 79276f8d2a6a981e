"""The index that an update writes for the next one: which objects each member has, without their bodies.

A quarantined member is not planned. Its objects must still be registered again under the same logical name, token and
parent, or Pulumi would delete them. The index is all that this needs, since the engine keeps the inputs in its own
state. A short digest of each manifest shows later whether the documents have changed meanwhile.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from federation.plan.model.trees import mapping

__all__ = ["IndexEntry", "failed", "from_output", "from_text", "from_urns", "to_text"]

DIGEST_LENGTH = 16  # hexadecimal digits: enough to tell one object's manifests apart
# The prefix also keeps Pulumi from printing the text as JSON over many lines at the end of every update.
_FORMAT = "index/1 "
_ORPHAN = "orphan"
_USUAL = (None, None, -1, "", None)  # defaults of the fields that may be left out; token and digest never are
_FAILED = "?"  # equal to no digest
_WORKLOAD = "eks-federation:index:FederatedWorkload"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class IndexEntry:
    """One registered object.

    ``digest`` is the digest of its manifest when it was last applied ("": not known). ``replicas`` is their number then
    (-1: none, or not known). ``orphan``: the object is left standing, without its managed label, when no document
    declares it. ``ports`` are the keys of a Service's ports, in the order of its list (``None``: another kind,
    or not known, as in texts of earlier versions). ``fixed`` has, by path, short digests of the fields that cannot be
    changed in place (``None``: a kind without such fields, or not known).
    """

    logical_name: str
    token: str
    digest: str = ""
    replicas: int = -1
    orphan: bool = False
    ports: tuple[str, ...] | None = None
    fixed: tuple[tuple[str, str], ...] | None = None

    @property
    def member(self) -> str:
        """The member that the object stands in."""
        return self.logical_name.partition("/")[0]

    @property
    def document(self) -> str:
        """The name of its document, which is also the name of its component."""
        return self.logical_name.partition("/")[2]

    @property
    def is_proven(self) -> bool:
        """Whether the last update of the object succeeded, so that its replicas were ready."""
        return self.digest not in ("", _FAILED)

    @property
    def api_version(self) -> str:
        """``apps/v1``, ``v1``."""
        group_version = self.token.split(":")[1]
        return group_version.removeprefix("core/")

    @property
    def kind(self) -> str:
        """``Deployment``."""
        return self.token.rpartition(":")[2]

    @property
    def namespace(self) -> str:
        """The object's namespace, "" for a cluster-scoped one."""
        parts = self.document.split("/")
        return parts[0] if len(parts) > 2 else ""

    @property
    def name(self) -> str:
        """The object's own name."""
        return self.document.rpartition("/")[2].replace("%3A%3A", "::")


def failed(entry: IndexEntry) -> IndexEntry:
    """``entry`` after a failed operation: every plan differs from it, so the object shows as not yet done."""
    return replace(entry, digest=_FAILED)


def to_text(entries: Iterable[IndexEntry]) -> str:
    """``entries`` as one line, so that a stack's outputs stay readable on a terminal."""
    tree = {each.logical_name: _fields(each) for each in entries}
    return _FORMAT + json.dumps(tree, sort_keys=True, separators=(",", ":"))


def from_text(text: str) -> tuple[IndexEntry, ...]:
    """What ``to_text`` wrote, sorted; ``ValueError`` when ``text`` is of another form."""
    tree = json.loads(text.removeprefix(_FORMAT))
    if not isinstance(tree, dict):
        raise ValueError("an index is a mapping of names")  # noqa: TRY004 -- of the text, not of an argument's type
    return tuple(_entry(name, fields) for name, fields in sorted(tree.items()))


def from_output(output: object) -> Mapping[str, tuple[IndexEntry, ...]]:
    """The entries by member that ``to_text`` wrote into a stack's output; the outputs of other programs are ignored."""
    found: dict[str, tuple[IndexEntry, ...]] = {}
    for name, text in mapping(output).items():
        if isinstance(text, str) and text.startswith(_FORMAT):
            with suppress(ValueError):
                found[name] = from_text(text)
    return found


def _fields(entry: IndexEntry) -> list[str | int | tuple[str, ...] | dict[str, str]]:
    """The written fields of an entry. Defaults at the end are left out; digests by path, if any, come last."""
    return [*_plain_fields(entry), *([] if entry.fixed is None else [dict(entry.fixed)])]


def _plain_fields(entry: IndexEntry) -> list[str | int | tuple[str, ...]]:
    if entry.ports is not None:
        return [entry.token, entry.digest, entry.replicas, _ORPHAN if entry.orphan else "", entry.ports]
    if entry.orphan:
        return [entry.token, entry.digest, entry.replicas, _ORPHAN]
    return [entry.token, entry.digest, *([entry.replicas] if entry.replicas >= 0 else [])]


def _entry(name: str, fields: object) -> IndexEntry:
    written = list(fields) if isinstance(fields, list) else []
    fixed = _fixed(written.pop()) if written and isinstance(written[-1], dict) else None
    match [*written, *_USUAL[len(written) :]]:
        case [str(token), str(digest), int(replicas), str(kept), (None | [*_]) as ports] if token.count(
            ":"
        ) == 2 and all(isinstance(each, str) for each in ports or ()):
            return IndexEntry(
                logical_name=name,
                token=token,
                digest=digest,
                replicas=replicas,
                orphan=kept == _ORPHAN,
                ports=None if ports is None else tuple(ports),
                fixed=fixed,
            )
    msg = f"{name} is described in another form"
    raise ValueError(msg)


def _fixed(tree: Mapping[str, object]) -> tuple[tuple[str, str], ...] | None:
    """Digests by path; ``None`` (not known) where they are written in another form."""
    found = tuple((path, digest) for path, digest in sorted(tree.items()) if isinstance(digest, str))
    return found if len(found) == len(tree) else None


def from_urns(urns: Iterable[str], known: Mapping[str, Iterable[IndexEntry]]) -> Mapping[str, tuple[IndexEntry, ...]]:
    """The objects among the resources of a state, by member; digests come from the ``known`` index."""
    before = {each.logical_name: each for entries in known.values() for each in entries}
    found: dict[str, list[IndexEntry]] = {}
    for urn in urns:
        _, _, types, name = urn.split("::", 3)
        parents, _, token = types.rpartition("$")
        if parents.endswith(_WORKLOAD) and token.startswith("kubernetes:"):
            last = before.get(name, IndexEntry(logical_name=name, token=token))
            entry = replace(last, token=token)
            found.setdefault(entry.member, []).append(entry)
    return {member: tuple(sorted(entries)) for member, entries in found.items()}
