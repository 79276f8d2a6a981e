"""The one process behind a sandbox: AWS in its threads, the control planes as its children.

`python -m sandbox.supervisor FOLDER`, started by `fed sandbox up` in a session of its own. It ends on SIGTERM and takes
everything with it. When it is killed, the state file and the mark in the children's environment lead the next `up` or
`down` to what is left.
"""

import functools
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3

from sandbox import control, processes, state
from sandbox.aws.contract import ClusterKey, Credentials, NodeGroupSpec
from sandbox.aws.front import AwsFront, serve
from sandbox.errors import SandboxError
from sandbox.kube import etcd, plane
from sandbox.kube.addresses import Addresses
from sandbox.kube.planes import MEMBER_ACCOUNT, Cluster, Planes
from sandbox.place import Place
from sandbox.toolchain import build

LOG = logging.getLogger(__name__)
MEMBER_NODE = {"cpu": "4", "memory": "16Gi", "pods": "110"}


class Supervisor:
    """A sandbox that runs. Its methods named `do_...` are the operations of the control socket."""

    def __init__(self, place: Place) -> None:
        written = state.load(place.state)
        if written is None:
            raise SandboxError(f"{place.state} is missing; start the sandbox with 'fed sandbox up'")
        self._place = place
        self._state = replace(written, supervisor=processes.identify(os.getpid()))
        self._lock = threading.Lock()
        self._credentials = Credentials(**json.loads(place.credentials.read_text(encoding="utf-8")))
        toolchain = build.ensure(LOG.info)
        environment = {"PATH": os.defpath, processes.MARK: written.mark}
        self._store = etcd.start(toolchain.etcd, place.folder / "etcd", place.logs / "etcd.log", environment)
        site = plane.Site(
            toolchain=toolchain,
            store=self._store,
            folder=place.folder / "clusters",
            logs=place.logs,
            environment=environment,
        )
        self._addresses = Addresses(place.addresses)
        self._planes = Planes(
            site, self._addresses, connect=self._connect, front=lambda: self._front.url, changed=self._write
        )
        self._front: AwsFront = serve(self._planes, self._credentials)
        self._connect = functools.cache(self._new_client)  # type: ignore[method-assign] # clients are thread-safe
        self._write()
        self._control = control.serve(place.folder, self._handle)

    def close(self) -> None:
        """End everything."""
        self._control.shutdown()
        self._front.close()
        self._planes.close()
        etcd.stop(self._store)
