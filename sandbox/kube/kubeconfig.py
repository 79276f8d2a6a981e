"""Build the kubeconfigs of a control plane's own components, and of its users.

Certificates are embedded, so that a kubeconfig can be moved, merged and handed to a provider as one value.
"""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox import private
from sandbox.kube import pki


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One cluster in a kubeconfig: its context's name, where it answers, and `user` as kubeconfigs spell it."""

    context: str
    server: str
    authority: str
    user: dict[str, Any]


def certificate_user(pair: pki.KeyPair) -> dict[str, Any]:
    """Return a user who enters with a client certificate."""
    return {
        "client-certificate-data": base64.b64encode(pair.certificate.read_bytes()).decode(),
        "client-key-data": base64.b64encode(pair.key.read_bytes()).decode(),
    }


def render(entries: list[Entry]) -> dict[str, Any]:
    """Return a kubeconfig with a context for every entry; the first is the current one."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": entries[0].context if entries else "",
        "preferences": {},
        "clusters": [
            {"name": entry.context, "cluster": {"server": entry.server, "certificate-authority-data": entry.authority}}
            for entry in entries
        ],
        "users": [{"name": entry.context, "user": entry.user} for entry in entries],
        "contexts": [
            {"name": entry.context, "context": {"cluster": entry.context, "user": entry.context}} for entry in entries
        ],
    }


def write(path: Path, entries: list[Entry]) -> Path:
    """Write a kubeconfig that only its owner can read."""
    private.write(path, yaml.safe_dump(render(entries), sort_keys=False).encode())
    return path


def write_webhook(path: Path, url: str) -> Path:
    """Write the kubeconfig by which an API server sends token reviews to a URL."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "webhook",
        "clusters": [{"name": "webhook", "cluster": {"server": url}}],
        "users": [{"name": "webhook", "user": {}}],
        "contexts": [{"name": "webhook", "context": {"cluster": "webhook", "user": "webhook"}}],
    }
    private.write(path, json.dumps(document).encode())
    return path
