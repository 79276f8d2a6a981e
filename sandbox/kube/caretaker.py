"""Keep a cluster's nodes as its node groups require, also while the API server is away.

One thread for each cluster works when a group changes, and retries while the API server does not answer.
"""

import logging
import threading

import httpx

from sandbox.aws.contract import NodeGroupSpec
from sandbox.kube import nodes, plane

LOG = logging.getLogger(__name__)
RETRY_SECONDS = 1.0


class Caretaker:
    """Keeps a cluster's nodes; groups may be set before it starts."""

    def __init__(self, cluster: plane.Plane) -> None:
        self._plane = cluster
        self._lock = threading.Lock()
        self._groups: dict[str, NodeGroupSpec] = {}
        self._deleted: set[str] = set()
        self._woken = threading.Event()
        self._stopped = threading.Event()

    def groups(self) -> list[NodeGroupSpec]:
        """Return the groups as they should be, by name."""
        with self._lock:
            return [self._groups[name] for name in sorted(self._groups)]

    def set_group(self, group: NodeGroupSpec) -> None:
        """Set what a group should be from now on."""
        with self._lock:
            self._groups[group.name] = group
            self._deleted.discard(group.name)
        self._woken.set()

    def delete_group(self, name: str) -> None:
        """Set that a group should have no nodes any more."""
        with self._lock:
            self._groups.pop(name, None)
            self._deleted.add(name)
        self._woken.set()

    def start(self) -> None:
        """Start working."""
        threading.Thread(target=self._run, name=f"{self._plane.name}-nodes", daemon=True).start()

    def stop(self) -> None:
        """Stop working; nodes stay as they are."""
        self._stopped.set()
        self._woken.set()

    def _run(self) -> None:
        logged = ""
        while True:
            self._woken.wait()
            self._woken.clear()
            if self._stopped.is_set():
                return
            try:
                self._work()
            except httpx.HTTPError as fault:
                if str(fault) != logged:  # a cluster may be away for hours
                    logged = str(fault)
                    LOG.warning("%s: nodes: %s", self._plane.name, fault)
                self._stopped.wait(RETRY_SECONDS)
                self._woken.set()

    def _work(self) -> None:
        with self._lock:
            groups, deleted = list(self._groups.values()), sorted(self._deleted)
        with plane.connect(self._plane) as client:
            for name in deleted:
                nodes.remove(client, name)
            for group in groups:
                nodes.reconcile(client, group)
        with self._lock:
            self._deleted.difference_update(set(deleted) - self._groups.keys())
