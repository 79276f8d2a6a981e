"""Share one running sandbox among all workers of a test run.

Starting one takes seconds and half a gigabyte for each cluster. The first worker that needs it starts it, and the last
one that is done with it ends it. A counter in the run's own folder, under a file lock, tracks the users.
"""

import fcntl
import json
import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from sandbox import clients, control, environment, kubeconfigs, lifecycle, place
from sandbox.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A sandbox that runs: its place, the variables that `fed sandbox env` exports, and clients of its AWS."""

    place: Place
    environment: Mapping[str, str]
    clients: clients.Clients

    def aws(self, service: str, region: str = "us-east-1") -> Any:
        """Return a boto3 client as the sandbox's owner."""
        return self.clients.connect(service, region)

    def ask(self, operation: str, **arguments: Any) -> Any:
        """Ask the supervisor. Only a cluster that one file has to itself (``lost-...``) may be stopped."""
        assert operation != "cluster-stop" or arguments["name"].startswith("lost-"), arguments
        return control.ask(self.place.folder, operation, **arguments)

    def kubeconfig(self) -> Path:
        """Write the merged kubeconfig of all clusters, and return its path."""
        running = lifecycle.status_of(self.place)
        return kubeconfigs.write(self.place, running, self.ask("status")["clusters"])


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberCluster:
    """A cluster that is not EKS; `kubeconfig` has the one context `name`, entered by a client certificate."""

    name: str
    kubeconfig: Path

    def connect(self) -> httpx.Client:
        """Return a client of the API server as the administrator; the caller closes it."""
        return connect(self.kubeconfig)


def connect(kubeconfig: Path) -> httpx.Client:
    """Return a client of a control plane's API by its `admin.kubeconfig`, whose certificates lie beside it."""
    server = yaml.safe_load(kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
    context = ssl.create_default_context(cafile=kubeconfig.parent / "ca.crt")
    context.load_cert_chain(kubeconfig.parent / "admin.crt", kubeconfig.parent / "admin.key")
    return httpx.Client(base_url=server, verify=context, trust_env=False)


def open_cloud(where: Place) -> Cloud:
    """Return the sandbox that runs at a place."""
    running = lifecycle.status_of(where)
    own = clients.Clients(clients.load_credentials(where.credentials), lambda: running.front)
    return Cloud(place=where, environment=environment.exports(where, running, os.environ["PATH"]), clients=own)


@contextmanager
def shared(folder: Path) -> Iterator[Cloud]:
    """Use the sandbox of a whole test run; started by the first who does, ended by the last."""
    where = Place(folder=folder / "sandbox", project=place.CHECKOUT)
    counter = folder / "users.json"
    with _locked(folder):
        users = json.loads(counter.read_text()) if counter.exists() else 0
        if users == 0:
            lifecycle.up(where, _quiet)
        counter.write_text(json.dumps(users + 1))
    try:
        yield open_cloud(where)
    finally:
        with _locked(folder):
            users = json.loads(counter.read_text()) - 1
            counter.write_text(json.dumps(users))
            if users == 0:
                lifecycle.down(where, _quiet)


def member(cloud: Cloud, name: str, **settings: Any) -> MemberCluster:
    """Return a cluster that is not EKS, created if no other worker has done so already."""
    with _locked(cloud.place.folder.parent):
        found = {one["name"]: one for one in cloud.ask("status")["clusters"] if one["kind"] == "member"}
        if name not in found:
            options = {"region": "local", "zone": "local-a", "nodes": 2, **settings}
            found[name] = cloud.ask("cluster-create", name=name, **options)
    return MemberCluster(name=name, kubeconfig=Path(found[name]["kubeconfig"]))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _quiet(_: str) -> None:
    return
