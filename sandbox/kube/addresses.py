"""Assign each load balancer's hostname an address on 127.0.0.0/8.

An address is never reused while it is in use. It comes from a block derived from the sandbox's folder, so that two
sandboxes on one machine hardly ever share one. Nothing listens there: kwok's pods have no data path.
"""

import hashlib
import ipaddress
import json
import threading
from pathlib import Path

from sandbox import private

FIRST_BLOCK = 64
BLOCKS = 128


class Addresses:
    """The hostnames of all load balancers and their addresses, kept in a file for others to read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._taken: dict[str, str] = {}
        block = FIRST_BLOCK + hashlib.sha256(str(path).encode()).digest()[0] % BLOCKS
        self._network = ipaddress.ip_network(f"127.{block}.0.0/16")

    def allocate(self, hostname: str) -> str:
        """Return a hostname's address, a new one if it has none."""
        with self._lock:
            if hostname not in self._taken:
                used = set(self._taken.values())
                self._taken[hostname] = next(
                    address for host in self._network.hosts() if (address := str(host)) not in used
                )
                self._save()
            return self._taken[hostname]

    def release(self, hostname: str) -> None:
        """Release a hostname's address; a hostname without one is no error."""
        with self._lock:
            if self._taken.pop(hostname, None) is not None:
                self._save()

    def all(self) -> dict[str, str]:
        """Return every hostname with its address."""
        with self._lock:
            return dict(sorted(self._taken.items()))

    def _save(self) -> None:
        fresh = self._path.with_suffix(".new")
        private.write(fresh, json.dumps(dict(sorted(self._taken.items())), indent=2).encode())
        fresh.replace(self._path)
