"""Hold all control planes of a sandbox, and start and end them in the background.

These are the `ControlPlanes` behind EKS, and the clusters that are not EKS. Every call returns at once. At most two
control planes start at a time, because more would make all of them slower on a small machine.
"""

import functools
import logging
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from sandbox.aws.contract import ClusterAccess, ClusterKey, NodeGroupSpec, PlaneStatus
from sandbox.errors import SandboxError
from sandbox.kube import etcd, plane, rbac, storage
from sandbox.kube.addresses import Addresses
from sandbox.kube.balancers import AwsBalancers, Balancers, Connect, MadeUpNames
from sandbox.kube.caretaker import Caretaker
from sandbox.kube.loadbalancers import LoadBalancers
from sandbox.kube.watcher import Watcher

LOG = logging.getLogger(__name__)
STARTS_AT_A_TIME = 2
MEMBER_ACCOUNT = ""
"""The account of clusters that are not EKS."""
FAULTS = (SandboxError, httpx.HTTPError, OSError)

ChildrenChanged = Callable[[], None]


@dataclass(slots=True, kw_only=True)
class Cluster:
    """A cluster and its running parts. Changed under the lock of `Planes` only."""

    key: ClusterKey
    version: str
    plane: plane.Plane
    caretaker: Caretaker
    watchers: tuple[Watcher, ...]
    status: PlaneStatus = "CREATING"
    stopped: bool = False
    hanging: bool = False
    failure: str = ""
    children: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    starting: "Future[None] | None" = None

    def stop_watching(self) -> None:
        """Stop all that keeps nodes, load balancers and volumes."""
        self.caretaker.stop()
        for watcher in self.watchers:
            watcher.stop()


class Planes:
    """All control planes of a sandbox; thread-safe. Implements `sandbox.aws.contract.ControlPlanes`.

    `connect` makes clients of the sandbox's AWS; `front` returns its URL, which need not be known before the first EKS
    cluster is created; `changed` is called whenever a process was started or ended.
    """

    def __init__(
        self,
        site: plane.Site,
        addresses: Addresses,
        *,
        connect: Connect,
        front: Callable[[], str],
        changed: ChildrenChanged,
    ) -> None:
        self._site = site
        self._addresses = addresses
        self._connect = connect
        self._front = front
        self._changed = changed
        self._lock = threading.RLock()
        self._clusters: dict[ClusterKey, Cluster] = {}
        self._starts = ThreadPoolExecutor(STARTS_AT_A_TIME, thread_name_prefix="start")
        self._ends = ThreadPoolExecutor(STARTS_AT_A_TIME, thread_name_prefix="end")

    def create(self, key: ClusterKey, version: str) -> ClusterAccess:
        """Decide a new cluster's endpoint and CA, and start it in the background.

        Raises `SandboxError` when the cluster exists.
        """
        with self._lock:
            if key in self._clusters:
                raise SandboxError(f"cluster {_title(key)} exists already ({self._clusters[key].status})")
            cluster = self._prepare(key, version)
            self._clusters[key] = cluster
            cluster.starting = self._starts.submit(self._start, cluster)
            cluster.starting.add_done_callback(functools.partial(self._started, cluster))
        return ClusterAccess(endpoint=cluster.plane.endpoint, certificate_authority=cluster.plane.authority.encoded())

    def status(self, key: ClusterKey) -> PlaneStatus:
        """Return a cluster's status."""
        with self._lock:
            cluster = self._clusters.get(key)
            return cluster.status if cluster else "GONE"

    def failure(self, key: ClusterKey) -> str:
        """Return why a cluster is `FAILED`; empty otherwise."""
        with self._lock:
            cluster = self._clusters.get(key)
            return cluster.failure if cluster else ""

    def delete(self, key: ClusterKey) -> None:
        """End a cluster in the background; one that is missing, or being deleted, is no error."""
        with self._lock:
            cluster = self._clusters.get(key)
            if cluster is None or cluster.status == "DELETING":
                return
            cluster.status = "DELETING"
        self._ends.submit(self._delete, cluster)

    def set_nodes(self, group: NodeGroupSpec) -> None:
        """Have a node group's nodes made or removed in the background."""
        self._find(group.cluster).caretaker.set_group(group)

    def delete_nodes(self, cluster: ClusterKey, group: str) -> None:
        """Have all nodes of a group removed in the background."""
        with self._lock:
            found = self._clusters.get(cluster)
        if found is not None:
            found.caretaker.delete_group(group)

    def stop(self, key: ClusterKey) -> None:
        """End a cluster's processes and keep its objects, as when a region is lost.

        Raises `SandboxError` when the cluster is not there or not `ACTIVE`.
        """
        cluster = self._find(key)
        with self._lock:
            if cluster.status != "ACTIVE":
                raise SandboxError(f"cluster {_title(key)} is {cluster.status}; only an ACTIVE one can be stopped")
            cluster.stopped = True
        self._end(cluster)

    def hang(self, key: ClusterKey) -> None:
        """Have a cluster's API server accept connections and answer none.

        Raises `SandboxError` when the cluster is not there or not running.
        """
        self._signal(key, signal.SIGSTOP, hanging=True)

    def go_on(self, key: ClusterKey) -> None:
        """Have an API server that hangs answer again.

        Raises `SandboxError` when the cluster is not there or not running.
        """
        self._signal(key, signal.SIGCONT, hanging=False)

    def _signal(self, key: ClusterKey, number: signal.Signals, *, hanging: bool) -> None:
        cluster = self._find(key)
        with self._lock:
            if cluster.status != "ACTIVE" or cluster.stopped or "apiserver" not in cluster.children:
                raise SandboxError(f"cluster {_title(key)} does not run; only a running one can hang")
            cluster.children["apiserver"].send_signal(number)
            cluster.hanging = hanging

    def resume(self, key: ClusterKey) -> None:
        """Start a stopped cluster again, or one whose processes were ended; returns when it is ready.

        Raises `SandboxError` when the cluster is not there, or does not start.
        """
        cluster = self._find(key)
        self._end(cluster)
        cluster.stopped = cluster.hanging = False
        self._launch(cluster)

    def clusters(self) -> list[Cluster]:
        """Return all clusters, by region and name."""
        with self._lock:
            return sorted(self._clusters.values(), key=lambda cluster: (cluster.key.region, cluster.key.name))

    def close(self) -> None:
        """End every process of every cluster at once."""
        self._starts.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for cluster in self._clusters.values():
                cluster.status = "DELETING"
                cluster.stop_watching()
        for cluster in self.clusters():
            self._end(cluster)

    def _find(self, key: ClusterKey) -> Cluster:
        with self._lock:
            if key not in self._clusters:
                names = ", ".join(sorted(other.name for other in self._clusters)) or "there is none"
                raise SandboxError(f"no cluster {_title(key)} (clusters: {names})")
            return self._clusters[key]

    def _prepare(self, key: ClusterKey, version: str) -> Cluster:
        is_eks = key.account != MEMBER_ACCOUNT
        review = f"{self._front()}/sandbox/token-review/{key.account}/{key.region}/{key.name}" if is_eks else ""
        name = f"eks-{key.region}-{key.name}" if is_eks else f"member-{key.name}"
        prepared = plane.prepare(self._site, name, review)
        backend: Balancers = AwsBalancers(key=key, connect=self._connect) if is_eks else MadeUpNames(cluster=key.name)
        return Cluster(
            key=key,
            version=version,
            plane=prepared,
            caretaker=Caretaker(prepared),
            watchers=(LoadBalancers(prepared, backend, self._addresses).watcher, storage.provisioner(prepared)),
        )

    def _start(self, cluster: Cluster) -> None:
        try:
            self._launch(cluster)
            with plane.connect(cluster.plane) as client:
                rbac.bind_access_policies(client)
                storage.create_default_class(client)
        except FAULTS as fault:
            self._fail(cluster, str(fault))
            return
        with self._lock:
            if cluster.status != "CREATING":
                return
            cluster.status = "ACTIVE"
        cluster.caretaker.start()
        for watcher in cluster.watchers:
            watcher.start()

    def _started(self, cluster: Cluster, future: "Future[None]") -> None:
        # Even an unexpected error must not leave a cluster CREATING for ever.
        fault = None if future.cancelled() else future.exception()
        if fault is not None:
            self._fail(cluster, repr(fault))

    def _launch(self, cluster: Cluster) -> None:
        def spawned(part: str, process: "subprocess.Popen[bytes]") -> None:
            with self._lock:
                cluster.children[part] = process
                if (
                    cluster.status == "DELETING"
                ):  # the cluster was deleted meanwhile, and its other processes have ended already
                    process.kill()
            self._changed()

        plane.start(cluster.plane, spawned)

    def _fail(self, cluster: Cluster, reason: str) -> None:
        with self._lock:
            if cluster.status == "DELETING":
                return
            cluster.status, cluster.failure = "FAILED", reason
        LOG.error("%s: %s", _title(cluster.key), reason)
        self._end(cluster)

    def _delete(self, cluster: Cluster) -> None:
        cluster.stop_watching()
        self._end(cluster)
        if cluster.starting is not None and not cluster.starting.cancel():
            cluster.starting.result()
            self._end(cluster)
        try:
            etcd.drop(self._site.store, cluster.plane.prefix)
            shutil.rmtree(cluster.plane.folder)
        except FAULTS:
            LOG.exception("%s: what it kept is left behind", _title(cluster.key))
        cluster.plane.reservation.release()
        with self._lock:
            del self._clusters[cluster.key]

    def _end(self, cluster: Cluster) -> None:
        with self._lock:
            children, cluster.children = cluster.children, {}
        for child in children.values():
            child.kill()
        for child in children.values():
            child.wait()
        self._changed()


def _title(key: ClusterKey) -> str:
    return f"{key.name} in {key.region}"
