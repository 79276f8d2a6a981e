"""Record the processes of a running sandbox, so that the next command finds them, also after a crash.

One JSON file, replaced whole at every change. Nothing secret is in it, but it is 0600 like all else.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sandbox import private
from sandbox.errors import SandboxError
from sandbox.processes import Identity

FORMAT = 2
"""The version of a sandbox's stacks. 1: made by a stand-in for the Kubernetes provider; 2: by the official provider.

Their states differ, and the official provider would replace every object of a stack of format 1.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process of the supervisor's, and its description, such as `eks-us-east-1-atlas kwok`."""

    identity: Identity
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The last written state of a sandbox.

    `mark` is in the environment of all its processes; `since` is ISO 8601; `format` is the version of its stacks.
    """

    mark: str
    since: str
    supervisor: Identity | None = None
    front: str = ""
    children: tuple[Child, ...] = ()
    format: int = FORMAT


def load(path: Path) -> State | None:
    """Return the written state; None when there is none.

    Raises `SandboxError` when the file is not a sandbox's state.
    """
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        supervisor = document["supervisor"]
        return State(
            mark=document["mark"],
            since=document["since"],
            supervisor=Identity(**supervisor) if supervisor else None,
            front=document["front"],
            format=document.get("format", 1),
            children=tuple(
                Child(identity=Identity(**child["identity"]), what=child["what"]) for child in document["children"]
            ),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise SandboxError(
            f"{path} cannot be read ({error}); end the sandbox's processes by hand (their environment has "
            f"EKS_FEDERATION_SANDBOX_MARK), then remove {path.parent}"
        ) from error


def save(path: Path, state: State) -> None:
    """Replace the written state, whole or not at all."""
    fresh = path.with_suffix(".new")
    private.write(fresh, json.dumps(asdict(state), indent=2).encode())
    fresh.replace(path)
