"""Make a region's APIs, its clusters with them, or one cluster fail on purpose."""

from collections.abc import Mapping
from typing import Any

from sandbox.aws.outages import WAYS, How, Outages
from sandbox.errors import SandboxError
from sandbox.kube.planes import MEMBER_ACCOUNT, Cluster, Planes

CLUSTER_WAYS = ("refuse", "hang")


class UnknownClusterError(SandboxError):
    """There is no cluster of that name."""


def fail(request: Mapping[str, Any], planes: Planes, outages: Outages) -> str:
    """Fail the region or the cluster `name`, and return what fails.

    `how` is one of `WAYS`, `apis` names services of a region, `clusters` takes the region's EKS clusters along. Raises
    `SandboxError` when it does not exist, or cannot fail in that way.
    """
    name, how = str(request["name"]), _how(request.get("how", "refuse"))
    apis, clusters = tuple(request.get("apis", ())), bool(request.get("clusters"))
    if name not in regions():
        if apis or clusters:
            raise SandboxError(f"{name} is no region: --apis and --clusters go with one")
        cluster = _find(planes, name)
        _fail_cluster(planes, cluster, how)
        return f"the API server of {cluster.key.name} fails: {how}"
    taken = [each for each in planes.clusters() if clusters and _is_in(each, name)]
    outages.fail(name, apis, how)
    for cluster in taken:
        if not (cluster.stopped or cluster.hanging):
            _fail_cluster(planes, cluster, how)
    also = "".join(f", and the API server of {each.key.name}" for each in taken)
    return f"{', '.join(apis) or 'all APIs'} of {name}{also}: {how}"


def heal(request: Mapping[str, Any], planes: Planes, outages: Outages) -> list[str]:
    """End the failures of `name`, a region (with its clusters) or a cluster; of everything, when it is empty.

    Returns what failed before. Raises `SandboxError` when `name` does not fail.
    """
    name = str(request.get("name", ""))
    wanted = [_find(planes, name)] if name and name not in regions() else planes.clusters()
    healed = outages.heal(name) if name in ("", *regions()) else []
    for cluster in wanted:
        if (cluster.stopped or cluster.hanging) and (name not in regions() or _is_in(cluster, name)):
            _heal_cluster(planes, cluster)
            healed.append(cluster.key.name)
    if name and not healed:
        failing = sorted({each["region"] for each in outages.failing()} | {each.key.name for each in failed(planes)})
        raise SandboxError(f"{name} does not fail (failing: {', '.join(failing) or 'nothing'})")
    return healed


def failed(planes: Planes) -> list[Cluster]:
    """Return the clusters whose API server is stopped or hangs."""
    return [each for each in planes.clusters() if each.stopped or each.hanging]


def find(planes: Planes, name: str) -> Cluster:
    """Return a cluster by its own name, or by the name in its logs.

    Raises `SandboxError`, which lists the clusters.
    """
    matches = [cluster for cluster in planes.clusters() if name in (cluster.key.name, cluster.plane.name)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        names = ", ".join(cluster.plane.name for cluster in matches)
        raise SandboxError(f"there are several clusters {name}; say which: {names}")
    names = ", ".join(cluster.key.name for cluster in planes.clusters()) or "there is none"
    raise UnknownClusterError(f"no cluster {name} (clusters: {names})")


def _find(planes: Planes, name: str) -> Cluster:
    try:
        return find(planes, name)
    except UnknownClusterError as error:
        raise SandboxError(f"{name} is no region of AWS (regions: {', '.join(regions())}), and {error}") from None


def regions() -> tuple[str, ...]:
    """Return the regions of AWS, from its SDK."""
    from botocore.session import get_session

    return tuple(sorted(get_session().get_available_regions("ec2")))


def _how(given: str) -> How:
    for way in WAYS:
        if way == given:
            return way
    raise SandboxError(f"nothing fails like {given} (ways: {', '.join(WAYS)})")


def _is_in(cluster: Cluster, region: str) -> bool:
    return cluster.key.account != MEMBER_ACCOUNT and cluster.key.region == region


def _fail_cluster(planes: Planes, cluster: Cluster, how: How) -> None:
    if how not in CLUSTER_WAYS:
        raise SandboxError(f"an API server can {' or '.join(CLUSTER_WAYS)}, and not {how}")
    if how == "hang":
        planes.hang(cluster.key)
    else:
        planes.stop(cluster.key)


def _heal_cluster(planes: Planes, cluster: Cluster) -> None:
    if cluster.hanging:
        planes.go_on(cluster.key)
    else:
        planes.resume(cluster.key)
