"""Define the interface between the AWS front and the control planes.

The front knows EKS's API and nothing of processes; the control planes know processes and nothing of EKS's API. Both
import this module only, so either can be tested with a small fake of the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

PlaneStatus = Literal["CREATING", "ACTIVE", "FAILED", "DELETING", "GONE"]

ACCOUNT = "123456789012"
"""The account that everything in the sandbox belongs to: moto's default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The key pair that a sandbox's owner signs with; random for every sandbox."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterKey:
    """The key that identifies one EKS cluster."""

    account: str
    region: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGroupSpec:
    """The nodes that a node group should have.

    `zones` are availability zones such as `us-east-1a`, in order; nodes are spread over them. `labels` are the node
    group's own. `capacity` is one node's, as Kubernetes quantities: `{"cpu": "2", "memory": "8Gi", "pods": "29"}`.
    """

    cluster: ClusterKey
    name: str
    desired: int
    instance_type: str
    zones: tuple[str, ...]
    labels: Mapping[str, str]
    capacity: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterAccess:
    """The address of a cluster's API server: an https URL, and the base64 of its CA's PEM."""

    endpoint: str
    certificate_authority: str


class ControlPlanes(Protocol):
    """The clusters behind EKS. Called in request threads: every method is thread-safe and returns at once."""

    def create(self, key: ClusterKey, version: str) -> ClusterAccess:
        """Decide endpoint and CA, start the control plane in the background."""
        ...

    def status(self, key: ClusterKey) -> PlaneStatus:
        """Return a control plane's status; `GONE` also for one that never existed."""
        ...

    def failure(self, key: ClusterKey) -> str:
        """Return why a control plane is `FAILED`; empty otherwise."""
        ...

    def delete(self, key: ClusterKey) -> None:
        """Stop a control plane in the background and forget it."""
        ...

    def set_nodes(self, group: NodeGroupSpec) -> None:
        """Bring the group to its desired number of nodes; called again at every change, idempotent."""
        ...

    def delete_nodes(self, cluster: ClusterKey, group: str) -> None:
        """Remove the group's nodes; a missing group is no error."""
        ...


ACCESS_POLICY_GROUP = "eks:access-policy:"
"""Prefix of the group that stands for an access policy in a token review (the cluster admin's is `system:masters`)."""
