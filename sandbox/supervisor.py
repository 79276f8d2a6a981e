"""Run the one process behind a sandbox: AWS in its threads, the control planes as its children.

`python -m sandbox.supervisor FOLDER PROJECT`, started by `fed sandbox up` in a session of its own. It ends on SIGTERM
and ends everything with it. When it is killed, the state file and the mark in the children's environment lead the next
`up` or `down` to what is left.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox import clients, control, operations, processes, state
from sandbox.aws.front import AwsFront, serve
from sandbox.aws.outages import Outages
from sandbox.errors import SandboxError
from sandbox.kube import etcd, plane
from sandbox.kube.addresses import Addresses
from sandbox.kube.planes import Planes
from sandbox.place import Place
from sandbox.toolchain import build

LOG = logging.getLogger("sandbox.supervisor")


class Supervisor:
    """A sandbox that runs, from construction to `close`."""

    def __init__(self, place: Place) -> None:
        written = state.load(place.state)
        if written is None:
            raise SandboxError(f"{place.state} is missing; start the sandbox with 'fed sandbox up'")
        self._path = place.state
        self._lock = threading.Lock()
        self._state = replace(written, supervisor=processes.identify(os.getpid()))
        self._planes: Planes | None = None
        self._outages = Outages()
        environment = {"PATH": os.environ["PATH"], processes.MARK: written.mark}
        toolchain = build.ensure(LOG.info)
        self._store = etcd.start(toolchain.etcd, place.folder / "etcd", place.logs / "etcd.log", environment)
        self._write()
        site = plane.Site(
            toolchain=toolchain,
            store=self._store,
            folder=place.folder / "clusters",
            logs=place.logs,
            environment=environment,
        )
        credentials = clients.load_credentials(place.credentials)
        aws = clients.Clients(credentials, self._url)
        addresses = Addresses(place.addresses)
        self._planes = Planes(site, addresses, connect=aws.connect, front=self._url, changed=self._write)
        self._front: AwsFront = serve(self._planes, credentials, self._outages)
        self._state = replace(self._state, front=self._front.url)
        self._write()
        self._control = control.serve(place.folder, self._handler(addresses))

    def close(self) -> None:
        """End everything, and record that nothing runs any more."""
        self._control.shutdown()
        if self._planes is not None:
            self._planes.close()
        self._front.close()
        etcd.stop(self._store)

    def _url(self) -> str:
        return self._front.url

    def _handler(self, addresses: Addresses) -> control.Handler:
        def handle(request: Mapping[str, Any]) -> Any:
            if self._planes is None:
                raise SandboxError("the sandbox is only just starting; ask again in a moment")
            return operations.perform(request, self._planes, self._state, addresses, self._outages)

        return handle

    def _write(self) -> None:
        with self._lock:
            running = {"etcd": self._store.process}
            for cluster in self._planes.clusters() if self._planes else []:
                running |= {f"{cluster.plane.name} {part}": child for part, child in cluster.children.items()}
            self._state = replace(self._state, children=tuple(_children(running)))
            state.save(self._path, self._state)


def _children(running: Mapping[str, "subprocess.Popen[bytes]"]) -> list[state.Child]:
    found = []
    for what, process in running.items():
        started = processes.started_at(process.pid)
        if started is not None:
            identity = processes.Identity(pid=process.pid, started=started)
            found.append(state.Child(identity=identity, what=what))
    return found


def main(arguments: list[str]) -> int:
    """Run until SIGTERM; returns the exit code."""
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("httpx", "botocore", "werkzeug"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    stopped = _stop_signal()
    try:
        supervisor = Supervisor(Place(folder=Path(arguments[0]), project=Path(arguments[1])))
    except SandboxError as error:
        LOG.error("%s", error)  # noqa: TRY400 - the message says it all, a traceback would hide it
        return 1
    LOG.info("ready")
    stopped.wait()
    supervisor.close()
    LOG.info("ended")
    return 0


def _stop_signal() -> threading.Event:
    stopped = threading.Event()
    stop: Callable[..., None] = lambda *_: stopped.set()  # noqa: E731 - a handler that takes what signals pass
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopped


if __name__ == "__main__":
    code = main(sys.argv[1:])
    logging.shutdown()
    # Pool threads may still wait for control planes that were just ended; do not wait for them.
    os._exit(code)
