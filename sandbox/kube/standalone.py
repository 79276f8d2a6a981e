"""Run a single control plane without a sandbox: `python -m sandbox.kube.standalone FOLDER`.

It serves for trials against a real API server: it prints the path of a kubeconfig, stays in the foreground, and removes
everything when it ends.
"""

import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox import processes
from sandbox.aws.contract import ACCOUNT, ClusterKey, NodeGroupSpec
from sandbox.kube import etcd, nodes, plane
from sandbox.toolchain import build
from sandbox.toolchain.tools import Toolchain

GROUP = NodeGroupSpec(
    cluster=ClusterKey(account=ACCOUNT, region="local", name="standalone"),
    name="default",
    desired=3,
    instance_type="m5.large",
    zones=("local-a", "local-b"),
    labels={},
    capacity={"cpu": "2", "memory": "8Gi", "pods": "110"},
)


@contextmanager
def running(folder: Path, toolchain: Toolchain) -> Iterator[plane.Plane]:
    """Run one control plane with three nodes in a folder, until the context ends."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    environment = {"PATH": os.environ["PATH"], processes.MARK: secrets.token_hex(16)}
    children: list[subprocess.Popen[bytes]] = []
    store = etcd.start(toolchain.etcd, folder / "etcd", folder / "logs" / "etcd.log", environment)
    try:
        site = plane.Site(
            toolchain=toolchain,
            store=store,
            folder=folder / "clusters",
            logs=folder / "logs",
            environment=environment,
        )
        cluster = plane.prepare(site, GROUP.cluster.name)
        plane.start(cluster, lambda _, process: children.append(process))
        with plane.connect(cluster) as client:
            nodes.reconcile(client, GROUP)
        yield cluster
    finally:
        for child in children:
            child.kill()
            child.wait()
        etcd.stop(store)


def main() -> None:
    """Run until SIGINT or SIGTERM."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    os.umask(0o077)
    toolchain = build.ensure(_report)
    with running(Path(sys.argv[1]), toolchain) as cluster:
        sys.stdout.write(f"{cluster.kubeconfig}\n")
        sys.stdout.flush()
        stopped.wait()


def _report(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
