"""Which API server does a kubeconfig lead to, and how does one log in there?

A kubeconfig is given as its text (YAML or JSON) or as a path; without one the ambient file counts, as for `kubectl`.
Whatever would switch off the check of the server's certificate is refused.
"""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandbox.plugins.kubernetes.errors import UnreachableError


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecLogin:
    """A command that prints an `ExecCredential`, as `aws eks get-token` does."""

    command: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    api_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An API server and the ways to log in to it; `authority` is PEM, empty for the system's authorities."""

    server: str
    namespace: str
    authority: str = ""
    server_name: str = ""
    token: str = field(default="", repr=False)
    token_file: str = ""
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    login: ExecLogin | None = None


def load(given: str) -> tuple[Mapping[str, Any], Path]:
    """Return a kubeconfig's tree, and the directory that its relative paths start from.

    `given` is its text, a path, or empty for the ambient one. Raises `UnreachableError` if it cannot be read.
    """
    text, directory = given, Path.cwd()
    if not given or _is_path(given):
        ambient = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0] or "~/.kube/config"
        path = Path(given or ambient).expanduser()
        directory = path.parent
        try:
            text = path.read_text()
        except OSError as error:
            raise UnreachableError(f"the kubeconfig {path} cannot be read: {error.strerror}") from error
    try:
        tree = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UnreachableError("the kubeconfig is neither YAML nor JSON nor the path of a file") from error
    if not isinstance(tree, Mapping):
        raise UnreachableError("the kubeconfig is no mapping with clusters, users and contexts")
    return tree, directory


def resolve(given: str, *, context: str = "", cluster: str = "") -> Access:
    """Say how to reach the cluster of a kubeconfig's context (its current one if none is named).

    `cluster` overrides the context's cluster. Raises `UnreachableError`, saying what is missing.
    """
    tree, directory = load(given)
    selected, cluster_name = _selection(tree, context, cluster)
    where = _named(tree, "clusters", "cluster", cluster_name)
    user = _named(tree, "users", "user", selected.get("user", ""))
    server = str(where.get("server", ""))
    if not server.startswith("https://"):
        raise UnreachableError(f'cluster "{cluster_name}": server is "{server}"; it must start with https://')
    if where.get("insecure-skip-tls-verify"):
        raise UnreachableError(
            f'cluster "{cluster_name}": insecure-skip-tls-verify is not supported; give certificate-authority-data'
        )
    return Access(
        server=server.rstrip("/"),
        namespace=selected.get("namespace") or "default",
        authority=_pem(where, "certificate-authority", directory),
        server_name=where.get("tls-server-name", ""),
        token=user.get("token", ""),
        token_file=str(directory / user["tokenFile"]) if user.get("tokenFile") else "",
        certificate=_pem(user, "client-certificate", directory),
        key=_pem(user, "client-key", directory),
        login=_login(user.get("exec")),
    )


def active_cluster(given: str, *, context: str = "", cluster: str = "") -> Mapping[str, Any] | None:
    """Return what a kubeconfig says of the cluster that it selects; None where that cannot be told."""
    try:
        tree, _ = load(given)
        _, name = _selection(tree, context, cluster)
        return _named(tree, "clusters", "cluster", name)
    except UnreachableError:
        return None


def _is_path(given: str) -> bool:
    return "\n" not in given and not given.lstrip().startswith("{") and ": " not in given


def _selection(tree: Mapping[str, Any], context: str, cluster: str) -> tuple[Mapping[str, Any], str]:
    name = context or tree.get("current-context") or ""
    if not name:
        raise UnreachableError("the kubeconfig has no current-context; set the provider's `context`")
    selected = _named(tree, "contexts", "context", name)
    return selected, cluster or selected.get("cluster", "")


def _named(tree: Mapping[str, Any], section: str, key: str, name: str) -> Mapping[str, Any]:
    entries = {entry.get("name"): entry.get(key) or {} for entry in tree.get(section) or []}
    if name not in entries:
        known = ", ".join(sorted(map(str, entries))) or "none"
        raise UnreachableError(f'the kubeconfig has no {key} "{name}" (it has: {known})')
    found = entries[name]
    return found if isinstance(found, Mapping) else {}


def _pem(entry: Mapping[str, Any], key: str, directory: Path) -> str:
    if data := entry.get(f"{key}-data"):
        return base64.b64decode(str(data)).decode()
    if name := entry.get(key):
        try:
            return (directory / str(name)).read_text()
        except OSError as error:
            raise UnreachableError(f"the kubeconfig's {key} {name} cannot be read: {error.strerror}") from error
    return ""


def _login(entry: Mapping[str, Any] | None) -> ExecLogin | None:
    if not entry:
        return None
    return ExecLogin(
        command=entry["command"],
        arguments=tuple(entry.get("args") or ()),
        environment={item["name"]: item["value"] for item in entry.get("env") or []},
        api_version=entry.get("apiVersion", "client.authentication.k8s.io/v1beta1"),
    )
