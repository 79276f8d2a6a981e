"""Kubeconfigs of clusters that do not exist."""

from collections.abc import Mapping
from pathlib import Path

import yaml

__all__ = ["ONE", "TWO", "kubeconfig"]

ONE = {"server": "https://one"}
TWO = {"server": "https://two"}


def kubeconfig(path: Path, contexts: Mapping[str, Mapping[str, str]]) -> str:
    """A kubeconfig with a cluster and a user for each context; its path."""
    tree = {
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in contexts],
        "clusters": [{"name": name, "cluster": dict(cluster)} for name, cluster in contexts.items()],
        "users": [{"name": name, "user": {"token": name}} for name in contexts],
    }
    path.write_text(yaml.safe_dump(tree))
    return str(path)
