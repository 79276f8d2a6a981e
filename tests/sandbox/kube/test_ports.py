import socket

import pytest

from sandbox.kube import ports


def test_nobody_else_gets_a_reserved_port() -> None:
    reservation = ports.reserve()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((ports.LOOPBACK, reservation.port))
    reservation.release()
    with socket.socket() as other:
        other.bind((ports.LOOPBACK, reservation.port))


def test_a_server_that_shares_the_port_can_listen_on_it() -> None:
    reservation = ports.reserve()
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind((ports.LOOPBACK, reservation.port))
        server.listen()
        with socket.create_connection((ports.LOOPBACK, reservation.port), timeout=5):
            assert server.accept()[1][0] == ports.LOOPBACK
    reservation.release()


def test_no_port_is_reserved_twice() -> None:
    reservations = [ports.reserve() for _ in range(50)]
    assert len({reservation.port for reservation in reservations}) == 50
    for reservation in reservations:
        reservation.release()
