"""Which port does a server get, and how does it stay free until the server listens?

A port that was found free can be taken by another before the server binds it, and a cluster's endpoint is announced
before its API server starts. So the port is kept bound (never listening) here, shared by SO_REUSEPORT with the server
alone, for as long as the cluster exists: also while its API server is down.
"""

import socket
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Reservation:
    """A port on loopback that nobody else gets until `release`."""

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
