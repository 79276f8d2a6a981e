"""Find references to secrets that a stack's config has no key for, before `pulumi` runs.

Keys are plain text in ``Pulumi.<stack>.yaml``, whether their values are encrypted or not. Where the file lacks a key,
`pulumi config` is read as well: an environment, or a copy of the project, can have values that the file has not.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from federation.api.reading import loading
from federation.errors.fault import Fault
from federation.operations.engine import command_line
from federation.operations.project.settings import NAMESPACE, Stack
from federation.plan.model.plan import Plan
from federation.plan.model.trees import mapping
from federation.plan.views import secret_keys

__all__ = ["missing"]

_IMPORTS_VALUES = "environment"
"""The key of a stack's file that takes values from Pulumi ESC."""


def missing(stack: Stack, plan: Plan) -> tuple[Fault, ...]:
    """A fault for each reference in ``plan`` to a key that the config of ``stack`` lacks.

    No fault is reported where only `pulumi` has the keys and it does not answer.
    """
    wanted = secret_keys.keys(plan)
    if not wanted:
        return ()
    file = _tree(stack.root / f"Pulumi.{stack.name}.yaml", stack.root)
    present = _own(mapping(file.get("config"))) | _defaults(stack.root)
    if wanted <= present:
        return ()
    by_pulumi = _keys_by_pulumi(stack)
    if by_pulumi is None and _IMPORTS_VALUES in file:
        return ()
    return secret_keys.faults_of_missing(plan, present | (by_pulumi or frozenset()))


def _defaults(root: Path) -> frozenset[str]:
    """The keys with a value or a default in the project's own file."""
    config = mapping(_tree(root / "Pulumi.yaml", root).get("config"))
    return _own(
        {key: each for key, each in config.items() if not isinstance(each, dict) or {"value", "default"} & set(each)}
    )


def _keys_by_pulumi(stack: Stack) -> frozenset[str] | None:
    """The keys that `pulumi config` lists, without their values; ``None`` when it fails."""
    try:
        return _own(mapping(command_line.query_json(stack.root, "config", "--json", "--stack", stack.name)))
    except (command_line.EngineError, ValueError, OSError):
        return None


def _tree(path: Path, root: Path) -> Mapping[str, Any]:
    return loading.read_mapping(path, root=root)[0] if path.is_file() else {}


def _own(config: Mapping[str, Any]) -> frozenset[str]:
    """The keys of the project's own namespace, without it."""
    return frozenset(
        key.removeprefix(f"{NAMESPACE}:") for key in config if key.startswith(f"{NAMESPACE}:") or ":" not in key
    )
