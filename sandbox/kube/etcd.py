"""Run one etcd for all clusters of a sandbox, each under a prefix of its own.

One shared etcd saves 40 MB and one start for each cluster. Nothing has to survive a power cut, so it does not wait for
the disk. Both listeners are on loopback and require a certificate of etcd's own authority.
"""

import base64
import ssl
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from sandbox import processes
from sandbox.errors import SandboxError
from sandbox.kube import pki, ports

READY_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Etcd:
    """A running etcd and what a client needs to reach it."""

    url: str
    authority: pki.Authority
    client: pki.KeyPair
    process: "subprocess.Popen[bytes]"
    reservations: tuple[ports.Reservation, ...]


def start(binary: Path, folder: Path, log: Path, environment: dict[str, str]) -> Etcd:
    """Start etcd in a folder of its own; returns when it answers.

    Raises `SandboxError` when it ends, or does not answer within 30 seconds.
    """
    authority = pki.create_authority(folder / "pki", "sandbox-etcd")
    server = pki.issue(authority, "server", "etcd", addresses=[ports.LOOPBACK])
    client = pki.issue(authority, "client", "kube-apiserver")
    clients, peers = ports.reserve(), ports.reserve()
    url = f"https://{ports.LOOPBACK}:{clients.port}"
    command = _command(binary, folder, authority, server, url, f"https://{ports.LOOPBACK}:{peers.port}")
    process = processes.spawn(command, log=log, environment=environment)
    etcd = Etcd(url=url, authority=authority, client=client, process=process, reservations=(clients, peers))
    _await_ready(etcd, log)
    return etcd


def drop(etcd: Etcd, prefix: str) -> None:
    """Delete every key under a prefix."""
    end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    body = {"key": _encoded(prefix), "range_end": _encoded(end)}
    with _client(etcd) as client:
        client.post("/v3/kv/deleterange", json=body).raise_for_status()


def stop(etcd: Etcd) -> None:
    """End etcd; its data is of no use afterwards."""
    etcd.process.kill()
    etcd.process.wait()
    for reservation in etcd.reservations:
        reservation.release()


def _command(
    binary: Path, folder: Path, authority: pki.Authority, server: pki.KeyPair, url: str, peer_url: str
) -> list[str]:
    certificate, key, trusted = str(server.certificate), str(server.key), str(authority.certificate)
    return [
        str(binary),
        "--name=sandbox",
        f"--data-dir={folder / 'data'}",
        "--unsafe-no-fsync",
        "--socket-reuse-port",
        "--log-level=warn",
        # A single member answers only after its election timeout, so a short one starts faster.
        "--heartbeat-interval=20",
        "--election-timeout=200",
        "--quota-backend-bytes=4294967296",
        f"--listen-client-urls={url}",
        f"--advertise-client-urls={url}",
        f"--listen-peer-urls={peer_url}",
        f"--initial-advertise-peer-urls={peer_url}",
        f"--initial-cluster=sandbox={peer_url}",
        f"--cert-file={certificate}",
        f"--key-file={key}",
        "--client-cert-auth",
        f"--trusted-ca-file={trusted}",
        f"--peer-cert-file={certificate}",
        f"--peer-key-file={key}",
        "--peer-client-cert-auth",
        f"--peer-trusted-ca-file={trusted}",
    ]


def _client(etcd: Etcd) -> httpx.Client:
    context = ssl.create_default_context(cafile=str(etcd.authority.certificate))
    context.load_cert_chain(etcd.client.certificate, etcd.client.key)
    return httpx.Client(base_url=etcd.url, verify=context, trust_env=False, timeout=10.0)


def _await_ready(etcd: Etcd, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    with _client(etcd) as client:
        while True:
            if etcd.process.poll() is not None:
                raise SandboxError(f"etcd ended with code {etcd.process.returncode}; its last words are in {log}")
            try:
                if client.get("/health").is_success:
                    return
            except httpx.TransportError:  # not listening yet
                pass
            if time.monotonic() > deadline:
                raise SandboxError(f"etcd does not answer after {READY_SECONDS:.0f} s; see {log}")
            time.sleep(processes.POLL_SECONDS)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
