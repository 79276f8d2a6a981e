"""Run a stack's program for its orphans alone, while the stack is destroyed.

`pulumi destroy` calls the hook that takes an orphan's label only where the program runs. The whole program needs a
config and documents without faults, and a destruction must not need them. So the run gets a config file of its own with
a token, and the same token in the environment. Neither half alone has an effect: an update that registers nothing would
delete the stack.
"""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from federation.api.reading import loading
from federation.errors.fault import FederationError
from federation.operations.project.settings import NAMESPACE

__all__ = ["KEY", "VARIABLE", "DestroyRun", "prepare_destroy_run"]

VARIABLE: Final = "EKS_FEDERATION_LEAVING"
KEY: Final = "leaving"
_SECRETS: Final = re.compile(r"^(encryptedkey|encryptionsalt|secretsprovider):\s*(\S.*?)\s*$", re.MULTILINE)
"""How a stack's secrets are encrypted. Pulumi writes each of these in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyRun:
    """What a run of `pulumi destroy` is given: ``options`` for its command line, and ``environment``."""

    options: tuple[str, ...]
    environment: Mapping[str, str]


@contextmanager
def prepare_destroy_run(root: Path, stack: str) -> Iterator[DestroyRun]:
    """A config file for the run in place of the one of ``stack``: the same settings without its ``config``."""
    token = uuid4().hex
    tree = {**_settings_without_config(root / f"Pulumi.{stack}.yaml", root), "config": {f"{NAMESPACE}:{KEY}": token}}
    with tempfile.TemporaryDirectory(prefix="fed-destroy-") as folder:
        path = Path(folder) / f"Pulumi.{stack}.yaml"
        path.write_text(json.dumps(tree, indent=2, default=str) + "\n", encoding="utf-8")  # JSON is YAML
        yield DestroyRun(options=("--config-file", str(path)), environment={VARIABLE: token})


def _settings_without_config(path: Path, root: Path) -> dict[str, Any]:
    """The settings of the stack's file beside its config; only those of its secrets where the file is not YAML."""
    try:
        tree, _ = loading.read_mapping(path, root=root)
    except FederationError:
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return {}
        return {name: value.strip("'\"") for name, value in _SECRETS.findall(text)}
    return {key: value for key, value in tree.items() if key != "config"}
