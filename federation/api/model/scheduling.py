"""``ReplicaSchedulingPreference`` (KubeFed's ``scheduling.kubefed.io/v1alpha1``): how replicas are divided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from federation.errors.source import IN_PYTHON, Source

__all__ = ["ClusterPreference", "ReplicaSchedulingPreference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPreference:
    """One entry of ``spec.clusters``. ``max_replicas`` is ``None`` for no limit."""

    min_replicas: int = 0
    max_replicas: int | None = None
    weight: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaSchedulingPreference:
    """The preference for the federated workload of the same namespace and name.

    ``clusters`` maps a member's name, or ``"*"``, to its preference; empty means ``{"*": weight 1}``.
    """

    name: str = ""
    namespace: str = ""
    target_kind: str = "FederatedDeployment"
    total_replicas: int = 0
    clusters: Mapping[str, ClusterPreference] = field(default_factory=dict)
    rebalance: bool = False
    intersect_with_cluster_selector: bool = False
    strategy: Literal["kubefed", "monotone"] = "kubefed"
    source: Source = IN_PYTHON
