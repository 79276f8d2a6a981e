"""``fed kubeconfig``: one kubeconfig for all members of a stack that is up."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fed.terminal.output import say
from federation.operations.engine import outputs
from federation.plan.views import yaml_writer

__all__ = ["merged", "write"]


def write(root: Path, stack: str, out: Path | None) -> None:
    """Print the merged kubeconfig of ``stack``, or write it to ``out``, readable by its owner only.

    A member whose cluster failed in the last update has no known address: it is left out, with a message.
    """
    left = outputs.read_outputs(root, stack)
    for name in sorted(left.members.keys() - left.kubeconfigs.keys()):
        say(f"{name} is left out: the last update has no kubeconfig of it; run `fed up --stack {stack}`")
    text = yaml_writer.text_of(merged(left.kubeconfigs))
    if out is None:
        sys.stdout.write(text)
        return
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o600)
        file.write(text)
    say(f"wrote {out}")


def merged(kubeconfigs: Mapping[str, str]) -> dict[str, Any]:
    """One kubeconfig in which cluster, user and context have the member's name."""
    made: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "clusters": [], "users": [], "contexts": []}
    for name, text in sorted(kubeconfigs.items()):
        tree = json.loads(text)
        made["clusters"].append({"name": name, "cluster": tree["clusters"][0]["cluster"]})
        made["users"].append({"name": name, "user": tree["users"][0]["user"]})
        made["contexts"].append({"name": name, "context": {"cluster": name, "user": name}})
        made.setdefault("current-context", name)
    return made
