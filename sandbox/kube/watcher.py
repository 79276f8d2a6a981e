"""Follow every object of one collection of a cluster, for as long as the cluster exists.

It lists the objects, then watches from there. When the watch ends, or the API server is away, it lists them again.
"""

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.errors import SandboxError
from sandbox.kube import plane

LOG = logging.getLogger(__name__)
RETRY_SECONDS = 1.0
WATCH_SECONDS = 240
FAULTS = (httpx.HTTPError, ClientError, BotoCoreError, SandboxError)

Settle = Callable[[httpx.Client, str, dict[str, Any]], None]
"""Takes a client, a collection and one of its objects, as it is listed, added or modified."""


class Watcher:
    """Calls `settle` for every object of some collections, in a thread for each, until `stop`.

    `collections` are the API roots by collection, such as `{"services": "/api/v1"}`. A fault of `settle` (`FAULTS`) is
    logged, and all objects are listed again a second later.
    """

    def __init__(self, cluster: plane.Plane, collections: dict[str, str], settle: Settle) -> None:
        self._plane = cluster
        self._collections = collections
        self._settle = settle
        self._stopped = threading.Event()

    def start(self) -> None:
        """Start watching."""
        for collection in self._collections:
            name = f"{self._plane.name}-{collection}"
            threading.Thread(target=self._run, args=(collection,), name=name, daemon=True).start()

    def stop(self) -> None:
        """Stop watching; what stands remains."""
        self._stopped.set()

    def _run(self, collection: str) -> None:
        logged = ""
        while not self._stopped.is_set():
            try:
                # A silence longer than a watch's timeout means an API server that hangs.
                with plane.connect(self._plane, timeout=httpx.Timeout(WATCH_SECONDS + 10.0, connect=5.0)) as client:
                    self._follow(client, collection)
            except FAULTS as fault:
                # A cluster may be away for hours: the same fault is logged once.
                if not self._stopped.is_set() and str(fault) != logged:
                    logged = str(fault)
                    LOG.warning("%s: %s: %s", self._plane.name, collection, fault)
                self._stopped.wait(RETRY_SECONDS)

    def _follow(self, client: httpx.Client, collection: str) -> None:
        path = f"{self._collections[collection]}/{collection}"
        listed = client.get(path).raise_for_status().json()
        for item in listed["items"]:
            self._settle(client, collection, item)
        options = {
            "watch": "true",
            "resourceVersion": listed["metadata"]["resourceVersion"],
            "timeoutSeconds": str(WATCH_SECONDS),
        }
        with client.stream("GET", path, params=options) as stream:
            stream.raise_for_status()
            for line in stream.iter_lines():
                event = json.loads(line)
                if event["type"] == "ERROR":
                    return
                if event["type"] in ("ADDED", "MODIFIED"):
                    self._settle(client, collection, event["object"])
