"""Complete stacks, members and objects on the command line; the shell calls this at every press of Tab.

Candidates come from the files alone. Nothing is planned, and no error is raised: a shell has no place to show one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from federation.errors.fault import FederationError
from federation.operations.project import settings

__all__ = ["losses", "members", "objects", "stacks"]


def stacks(ctx: typer.Context, incomplete: str) -> list[str]:
    """The stacks that have a config file."""
    names: list[str] = []
    with _quietly():
        names += settings.stack_names(_root(ctx))
    return _starting(names, incomplete)


def members(ctx: typer.Context, incomplete: str) -> list[str]:
    """The members of the stack that the command line names."""
    names: list[str] = []
    with _quietly():
        names += settings.member_names(_root(ctx), _stack(ctx))
    return _starting(names, incomplete)


def losses(ctx: typer.Context, incomplete: str) -> list[str]:
    """The values of ``--lose``: members and regions of the stack that the command line names, or ``each``."""
    names: list[str] = []
    with _quietly():
        root, stack = _root(ctx), _stack(ctx)
        names += [*settings.member_names(root, stack), *settings.region_names(root, stack), "each"]
    return _starting(names, incomplete)


def objects(ctx: typer.Context, incomplete: str) -> list[str]:
    """``namespace/kind/name`` and ``kind/name`` of the stack's federated objects; kinds in the user's case."""
    names: list[str] = []
    with _quietly():
        for each in settings.read_stack(_root(ctx), _stack(ctx)).documents.federated:
            kind = each.target.kind if incomplete != incomplete.lower() else each.target.kind.lower()
            own = f"{kind}/{each.name}"
            names += [own, f"{each.namespace}/{own}"] if each.target.namespaced else [own]
    return _starting(names, incomplete)


@contextmanager
def _quietly() -> Iterator[None]:
    try:
        yield
    except (FederationError, OSError):
        return


def _root(ctx: typer.Context) -> Path:
    return settings.find_project(Path(ctx.params.get("cwd") or ".").resolve())


def _stack(ctx: typer.Context) -> str:
    return str(ctx.params.get("stack") or "dev")


def _starting(candidates: list[str], incomplete: str) -> list[str]:
    """The candidates that start with ``incomplete``, sorted, without duplicates."""
    return sorted({each for each in candidates if each.startswith(incomplete)})
