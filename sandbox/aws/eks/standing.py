"""Keep the status of clusters in step with their control planes.

A status is never decided here. It is taken from the control planes before every call that looks at clusters, whether
to describe one or to check that a subnet is still in use.
"""

from moto.eks.models import eks_backends

from sandbox.aws.contract import ClusterKey, ControlPlanes
from sandbox.aws.eks import networking


def synchronise(planes: ControlPlanes, account: str, region: str) -> None:
    """Take every cluster's status from its control plane; forget deleted clusters whose control plane is gone."""
    clusters = eks_backends[account][region].clusters
    for name, cluster in list(clusters.items()):
        key = ClusterKey(account=account, region=region, name=name)
        status = planes.status(key)
        if cluster.sandbox.deleting and status == "GONE":
            del clusters[name]
            networking.remove_security_group(account, region, cluster.resources_vpc_config)
            continue
        if cluster.sandbox.deleting:
            cluster.status = "DELETING"
        else:
            # A control plane that is gone while its cluster exists is a fault, whatever the cause.
            cluster.status = "FAILED" if status == "GONE" else status
        why = planes.failure(key) if cluster.status == "FAILED" else ""
        cluster.health = {"issues": [{"code": "Other", "message": why, "resourceIds": []}] if why else []}
