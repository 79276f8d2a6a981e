"""Take one context out of a user's kubeconfig, to reach a member that exists already.

A kubeconfig holds secrets, and they may be in the wrong place: no message repeats any of its values.
"""

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from federation.api.reading.loading import read_mapping
from federation.errors.fault import Fault, FaultsFoundError, Place
from federation.errors.report import described
from federation.errors.source import PathKey, Source

__all__ = ["PATIENCE", "Kubeconfig", "identifier", "read_kubeconfig", "server", "single_context"]

FILES: Final = {"certificate-authority": "certificate-authority-data", "client-certificate": "client-certificate-data"}
USUAL: Final = "~/.kube/config"
KEY_FILES: Final = {**FILES, "client-key": "client-key-data"}
PATIENCE: Final = 2
"""Seconds that a provider waits for the API server of a quarantined member, which may hang.

A provider sends two requests to a server when it starts, and waits ten seconds for each where no limit is set.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """The entry of one name: ``value`` in the file ``path``, ``at`` this place in it."""

    value: Mapping[str, Any] = field(repr=False)
    path: Path
    source: Source
    at: PathKey

    def refusal(self, key: str, message: str, remedy: str) -> FaultsFoundError:
        """The error to raise for ``key``."""
        return FaultsFoundError([self.source.fault((*self.at, key), message, remedy)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubeconfig:
    """Several files as one kubeconfig, merged as kubectl does: the first entry of a name wins."""

    paths: Sequence[Path]
    trees: Sequence[tuple[Path, Mapping[str, Any], Source]] = field(repr=False)

    @property
    def searched(self) -> str:
        """The files, for messages."""
        return ", ".join(str(path) for path in self.paths)

    def entry(self, section: str, part: str, name: str) -> _Entry | None:
        """The entry called ``name`` among ``contexts``, ``clusters`` or ``users``; ``None`` when there is none."""
        for path, tree, source in self.trees:
            entries = tree.get(section)
            for index, each in enumerate(entries if isinstance(entries, list) else ()):
                if isinstance(each, dict) and each.get("name") == name:
                    value, at = each.get(part), (section, index, part)
                    if value is not None and not isinstance(value, dict):
                        message = f"must be a mapping, and is {described(value)}"
                        raise FaultsFoundError([source.fault(at, message, "write keys and values")])
                    return _Entry(value=value or {}, path=path, source=source, at=at)
        return None

    def context(self, name: str) -> _Entry:
        """The context called ``name``. Raises ``FaultsFoundError`` when there is none."""
        found = self.entry("contexts", "context", name)
        if found is None:
            remedy = "name one that `kubectl config get-contexts` lists, or set `kubeconfig` to the file that has it"
            place, where = Place(file=self.searched), f"contexts.{name}"
            raise FaultsFoundError([Fault(place=place, where=where, message="no such context", remedy=remedy)])
        return found

    def cluster(self, context: _Entry) -> tuple[_Entry, str]:
        """The cluster that ``context`` names, and its address. Raises ``FaultsFoundError`` when one is missing."""
        cluster = self.named(context, "cluster")
        if cluster is None:
            raise context.refusal("cluster", "this context names no cluster", "write the name of one of the clusters")
        address = cluster.value.get("server")
        if not isinstance(address, str) or not address:
            raise cluster.refusal(
                "server", "this cluster has no API server's address", "write server: https://<address>"
            )
        if "@" in address:
            message = "this address holds a user's name or password, which outputs would show"
            raise cluster.refusal("server", message, "write them under users, in the user that the context names")
        return cluster, address

    def named(self, context: _Entry, part: str) -> _Entry | None:
        """The cluster or user that ``context`` names; ``None`` when it names none."""
        name = context.value.get(part)
        if not name:
            return None
        found = self.entry(f"{part}s", part, name)
        if found is None:
            message = f"the {part} that this context names is in none of the files searched: {self.searched}"
            raise context.refusal(part, message, f"add it under {part}s, or correct the name")
        return found


def single_context(context: str, kubeconfig: str = "", base: Path = Path()) -> str:
    """The kubeconfig (JSON) with ``context`` alone, files embedded.

    ``kubeconfig`` is a path, from ``base``; "" takes the files of ``KUBECONFIG``, or the user's own. Raises
    ``FaultsFoundError`` when the context, or a file or a part that it needs, is missing or cannot be read.
    """
    return json.dumps(_reduced(read_kubeconfig(kubeconfig, base), context), sort_keys=True)


def server(merged: Kubeconfig, context: str) -> str:
    """The ``identifier`` of the kubeconfig with ``context`` alone; no embedded file is read for it."""
    return merged.cluster(merged.context(context))[1]


def identifier(kubeconfig: str) -> str:
    """The identifier of a single-context kubeconfig's cluster: the address of its API server."""
    address: str = json.loads(kubeconfig)["clusters"][0]["cluster"]["server"]
    return address


def read_kubeconfig(kubeconfig: str = "", base: Path = Path()) -> Kubeconfig:
    """The existing files of `single_context`. Raises ``FaultsFoundError`` with the faults of all of them.

    Paths start at the folder ``base``, those in ``KUBECONFIG`` too.
    """
    paths = [(base / path).absolute() for path in _paths(kubeconfig)]
    trees: list[tuple[Path, Mapping[str, Any], Source]] = []
    faults: list[Fault] = []
    for path in paths:
        try:
            if _is_there(path):
                trees.append((path, *_tree(path)))
        except FaultsFoundError as error:
            faults += error.faults
    if faults:
        raise FaultsFoundError(faults)
    return Kubeconfig(paths=paths, trees=trees)


def _tree(path: Path) -> tuple[Mapping[str, Any], Source]:
    try:
        return _parsed(path, hashlib.sha256(path.read_bytes()).digest())
    except OSError:  # read_mapping reports it
        return read_mapping(path)


@lru_cache(maxsize=16)
def _parsed(path: Path, _digest: bytes) -> tuple[Mapping[str, Any], Source]:
    """The content of ``path``, cached by its digest: a hundred members may share one file, each read several times."""
    return read_mapping(path)


def _paths(kubeconfig: str) -> list[Path]:
    if kubeconfig:
        return [_at_home(kubeconfig)]
    named = os.environ.get("KUBECONFIG", "")
    if named:
        return [Path(part) for part in named.split(os.pathsep) if part]
    return [_at_home(USUAL)]


def _at_home(written: str) -> Path:
    try:
        return Path(written).expanduser()
    except (RuntimeError, ValueError):
        message = f"no home folder is known of {written.partition('/')[0]}"
        remedy = "write the path from / on, or set HOME; with no path at all, KUBECONFIG may name the files"
        raise FaultsFoundError([Fault(place=Place(file=written), where="", message=message, remedy=remedy)]) from None


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # the folder may not be read: reading the file reports it
        return True


def _reduced(merged: Kubeconfig, context: str) -> dict[str, Any]:
    found = merged.context(context)
    (cluster, _), user = merged.cluster(found), merged.named(found, "user")
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "contexts": [{"name": context, "context": {**found.value, "cluster": context, "user": context}}],
        "clusters": [{"name": context, "cluster": _embedded(cluster)}],
        "users": [{"name": context, "user": _embedded(user) if user is not None else {}}],
    }


def _embedded(entry: _Entry) -> dict[str, Any]:
    """The entry with the content of its files embedded; its own data takes precedence over a file."""
    made = {key: value for key, value in entry.value.items() if key not in KEY_FILES}
    for key, data_key in KEY_FILES.items():
        if entry.value.get(key) and not made.get(data_key):
            made[data_key] = base64.b64encode(_content(entry, key)).decode()
    if made.get("tokenFile"):
        made["tokenFile"] = str(_beside(entry, "tokenFile"))
    if "exec" in made:
        made["exec"] = _login(entry, made["exec"])
    return made


def _login(entry: _Entry, login: Any) -> Any:
    """The login command, made independent of the working folder. kubectl resolves a command with a folder from the
    kubeconfig's folder, and others by PATH. Any other form is left as it is."""
    command = login.get("command") if isinstance(login, dict) else None
    if not isinstance(command, str) or os.sep not in command:
        return login
    return {**login, "command": str((entry.path.parent / command).absolute())}


def _content(entry: _Entry, key: str) -> bytes:
    try:
        return _beside(entry, key).read_bytes()
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or "this is not a file name"
        remedy = "correct its name, which starts at the kubeconfig's folder, or embed it: kubectl config view --flatten"
        raise entry.refusal(key, f"the file named here cannot be read: {why}", remedy) from None


def _beside(entry: _Entry, key: str) -> Path:
    """The file that ``key`` names, resolved as kubectl does: from the folder of the file that has the entry."""
    name = entry.value[key]
    if not isinstance(name, str):
        raise entry.refusal(key, f"must be a file's name, and is {described(name)}", "write the name as text")
    return (entry.path.parent / name).absolute()
