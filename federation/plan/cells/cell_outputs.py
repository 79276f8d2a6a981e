"""Name the outputs of cells: what one cell exports for others, and for the next update."""

from typing import Final

__all__ = ["BALANCERS", "CLUSTER", "DIGEST", "PUBLISHED"]

CLUSTER: Final = "cluster"
"""How the cluster of a cell is reached: ``kubeconfig``, ``endpoint`` and ``identifier``."""
BALANCERS: Final = "loadBalancers"
"""Hostnames of a member's load balancers, by ``namespace/service`` and ``namespace/Ingress/name``."""
DIGEST: Final = "cellDigest"
"""The digest of what the cell has registered."""
PUBLISHED: Final = "publishedBalancers"
"""The hostnames that record sets of the root lead to, by ``member/namespace/service``."""
