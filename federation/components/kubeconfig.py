"""One context out of a user's kubeconfig: what a member that exists already is reached by."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import yaml

from federation.errors import Fault, FaultsFoundError, Place

__all__ = ["identifier", "single_context"]

FILES = {"certificate-authority": "certificate-authority-data", "client-certificate": "client-certificate-data"}
KEY_FILES = {**FILES, "client-key": "client-key-data"}


def single_context(context: str, kubeconfig: str = "") -> str:
    """The kubeconfig (JSON) that has ``context`` alone, files embedded.

    ``kubeconfig`` is a path; "" takes ``KUBECONFIG`` or the user's own file. ``FaultsFoundError`` when the file or
    the context is not there.
    """
    for path in _paths(kubeconfig):
        if path.is_file():
            tree = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            found = _entry(tree, "contexts", context)
            if found is not None:
                return json.dumps(_reduced(tree, context, found, path.parent), sort_keys=True)
    searched = ", ".join(str(path) for path in _paths(kubeconfig))
    raise FaultsFoundError(
        [
            Fault(
                place=Place(file=searched),
                where=f"contexts.{context}",
                message="no such context",
                remedy="name one that `kubectl config get-contexts` lists, or set `kubeconfig` to the file that has it",
            )
        ]
    )


def identifier(kubeconfig: str) -> str:
    """What tells the cluster of a single-context kubeconfig from others: its API server's address."""
    server: str = json.loads(kubeconfig)["clusters"][0]["cluster"]["server"]
    return server


def _paths(kubeconfig: str) -> list[Path]:
    if kubeconfig:
        return [Path(kubeconfig).expanduser()]
    named = os.environ.get("KUBECONFIG", "")
    if named:
        return [Path(part) for part in named.split(os.pathsep) if part]
    return [Path("~/.kube/config").expanduser()]


def _entry(tree: dict[str, Any], section: str, name: str) -> dict[str, Any] | None:
    return next((entry for entry in tree.get(section) or [] if entry.get("name") == name), None)


def _reduced(tree: dict[str, Any], context: str, found: dict[str, Any], folder: Path) -> dict[str, Any]:
    cluster = _entry(tree, "clusters", found["context"]["cluster"]) or {"cluster": {}}
    user = _entry(tree, "users", found["context"].get("user", "")) or {"user": {}}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "contexts": [{"name": context, "context": {**found["context"], "cluster": context, "user": context}}],
        "clusters": [{"name": context, "cluster": _embedded(cluster["cluster"], folder)}],
        "users": [{"name": context, "user": _embedded(user["user"], folder)}],
    }


def _embedded(entry: dict[str, Any], folder: Path) -> dict[str, Any]:
    made = {key: value for key, value in entry.items() if key not in KEY_FILES}
    for key, data_key in KEY_FILES.items():
        if key in entry:
            made[data_key] = base64.b64encode((folder / entry[key]).read_bytes()).decode()
    return made
