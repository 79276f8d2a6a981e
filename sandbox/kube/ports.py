"""Reserve a port for a server, and keep it reserved until the server listens.

Another process can take a free port before the server binds it, and a cluster's endpoint is announced before its API
server starts. So the port is kept bound here (never listening), shared by SO_REUSEPORT with the server alone. It stays
bound for as long as the cluster exists, also while its API server is down.
"""

import socket
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Reservation:
    """A port on loopback that no other process gets until `release`."""

    port: int
    _holder: socket.socket = field(repr=False)

    def release(self) -> None:
        """Give the port back."""
        self._holder.close()


def reserve() -> Reservation:
    """Reserve a free port."""
    holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Bound alone first, shared after: two sandboxes that reserve in the same moment never get the same port.
    holder.bind((LOOPBACK, 0))
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return Reservation(int(holder.getsockname()[1]), holder)
