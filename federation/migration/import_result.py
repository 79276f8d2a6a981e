"""The result of an import: files to write, members to declare, secrets to set, and what was lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from federation.api.model.federated import Tree
from federation.errors.fault import Fault
from federation.migration.secrets import MovedSecret

__all__ = ["ImportResult"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """The result of an import.

    ``files`` are documents by the path to write them to; ``copied`` are files that need no change, by the path they
    were read from. ``members`` and ``plan`` belong into a stack's config. ``private``: the files hold secret values.
    """

    files: Mapping[str, tuple[Tree, ...]] = field(default_factory=dict, repr=False)
    copied: tuple[str, ...] = ()
    lost: tuple[Fault, ...] = ()
    moved_secrets: tuple[MovedSecret, ...] = ()
    members: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    plan: Mapping[str, Any] = field(default_factory=dict)
    private: bool = False

    @property
    def config(self) -> dict[str, Any]:
        """The imported part of a stack's config: members and plan settings."""
        sections = {"eks-federation:members": dict(self.members), "eks-federation:plan": dict(self.plan)}
        return {"config": {key: value for key, value in sections.items() if value}} if any(sections.values()) else {}
