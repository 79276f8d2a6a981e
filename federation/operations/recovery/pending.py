"""List the operations that a killed run left open, from the exported state.

The engine records each operation before it begins. A resource that was being updated or deleted is in the state, and
the next update continues with it. A resource that was being created is not in the state: it may exist in a member or on
AWS. The engine warns of it at every run until the record is cleared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["OpenOperation", "known_ids", "operations", "stack_urn"]

CREATING = "creating"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOperation:
    """One open operation: its kind (``doing``: ``creating``, ``updating`` ...) and its resource's type and name.

    ``inputs`` are those that the provider was given, secrets encrypted; ``provider`` are its provider's own.
    """

    doing: str
    token: str
    name: str
    urn: str
    custom: bool = True
    inputs: Mapping[str, Any] = field(default_factory=dict, repr=False)
    provider: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_creation(self) -> bool:
        """Whether the resource may exist without being in the state."""
        return self.doing == CREATING

    @property
    def package(self) -> str:
        """The provider's package: ``kubernetes``, ``aws``; "" for a resource that is in the state only."""
        package = self.token.partition(":")[0]
        return package if self.custom and package != "pulumi" else ""

    @property
    def member(self) -> str:
        """The member that a Kubernetes object belongs to, by its logical name."""
        return self.name.partition("/")[0]

    def __str__(self) -> str:
        return f"{self.doing} {self.token} {self.name}"


def operations(deployment: Mapping[str, Any]) -> tuple[OpenOperation, ...]:
    """The open operations of a deployment as `pulumi stack export` gives it, by name; each once."""
    providers = {
        f"{each['urn']}::{each.get('id', '')}": each.get("inputs", {})
        for each in deployment.get("resources") or ()
        if each["type"].startswith("pulumi:providers:")
    }
    pending = {(each["type"], each["resource"]["urn"]): each for each in deployment.get("pending_operations") or ()}
    made = [_operation(each, providers) for each in pending.values()]
    return tuple(sorted(made, key=lambda operation: (operation.name, operation.doing)))


def known_ids(deployment: Mapping[str, Any]) -> frozenset[str]:
    """The ids of everything in the state."""
    return frozenset(each["id"] for each in deployment.get("resources") or () if each.get("id"))


def stack_urn(deployment: Mapping[str, Any]) -> str:
    """The URN of the stack's own resource, "" for a stack with an empty state."""
    urns = (each["urn"] for each in deployment.get("resources") or () if each["type"] == "pulumi:pulumi:Stack")
    return str(next(urns, ""))


def _operation(entry: Mapping[str, Any], providers: Mapping[str, Mapping[str, Any]]) -> OpenOperation:
    resource = entry["resource"]
    return OpenOperation(
        doing=entry["type"],
        token=resource["type"],
        name=resource["urn"].rpartition("::")[2],
        urn=resource["urn"],
        custom=bool(resource.get("custom")),
        inputs=resource.get("inputs") or {},
        provider=providers.get(resource.get("provider", ""), {}),
    )
