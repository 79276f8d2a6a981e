"""Start and end the parts of one control plane.

kube-apiserver, kube-controller-manager, kube-scheduler and kwok, as they come, with certificates of the cluster's own
authority. The endpoint is decided when the plane is prepared, long before anything answers there, as EKS does.
"""

import ssl
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from sandbox import processes
from sandbox.errors import SandboxError
from sandbox.kube import etcd, kubeconfig, pki, ports
from sandbox.toolchain.tools import Toolchain

READY_SECONDS = 90.0
ADMINS = "system:masters"
STAGES = Path(__file__).with_name("stages.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What all control planes of a sandbox share: programs, the store, a folder, every process's environment."""

    toolchain: Toolchain
    store: etcd.Etcd
    folder: Path
    logs: Path
    environment: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """A control plane that is prepared: it has an endpoint, certificates and kubeconfigs, but need not run.

    `name` is unique in the sandbox and fit for file names. `token_review` is the URL of the bearer token review, or
    empty when only certificates are accepted.
    """

    name: str
    site: Site
    folder: Path
    reservation: ports.Reservation
    authority: pki.Authority
    admin: pki.KeyPair
    token_review: str = ""

    @property
    def endpoint(self) -> str:
        """The API server's URL."""
        return f"https://{ports.LOOPBACK}:{self.reservation.port}"

    @property
    def prefix(self) -> str:
        """The prefix of the cluster's objects in the store."""
        return f"/{self.name}/"

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig of the cluster's administrator, by client certificate."""
        return self.folder / "admin.kubeconfig"

    def log(self, part: str) -> Path:
        """Return the path of a part's log."""
        return self.site.logs / f"{self.name}-{part}.log"


def prepare(site: Site, name: str, token_review: str = "") -> Plane:
    """Decide endpoint and certificates of a new control plane."""
    folder = site.folder / name
    authority = pki.create_authority(folder, f"kubernetes-{name}")
    pki.issue(
        authority,
        "apiserver",
        "kube-apiserver",
        addresses=[ports.LOOPBACK, "10.100.0.1", "localhost", "kubernetes.default.svc"],
    )
    pki.create_signing_key(folder, "service-account")
    admin = pki.issue(authority, "admin", f"{name}-admin", groups=[ADMINS])
    plane = Plane(
        name=name,
        site=site,
        folder=folder,
        reservation=ports.reserve(),
        authority=authority,
        admin=admin,
        token_review=token_review,
    )
    _write_kubeconfigs(plane)
    return plane


def connect(plane: Plane, *, timeout: float | httpx.Timeout = 10.0) -> httpx.Client:
    """Return a client of the plane's API as its administrator; the caller closes it."""
    context = ssl.create_default_context(cafile=str(plane.authority.certificate))
    context.load_cert_chain(plane.admin.certificate, plane.admin.key)
    return httpx.Client(base_url=plane.endpoint, verify=context, trust_env=False, timeout=timeout)


Spawned = Callable[[str, "subprocess.Popen[bytes]"], None]
"""Told of every process as soon as it runs: what it is, and the process."""


def start(plane: Plane, spawned: Spawned) -> None:
    """Start all parts; returns when the API server is ready and the default service account exists.

    Raises `SandboxError` when a part ends or 90 seconds pass.
    """
    running = {"apiserver": _spawn(plane, "apiserver", apiserver_command(plane), spawned)}
    with connect(plane) as client:
        _await(plane, running, client, "/readyz")
        for part, command in companion_commands(plane).items():
            running[part] = _spawn(plane, part, command, spawned)
        _await(plane, running, client, "/api/v1/namespaces/default/serviceaccounts/default")


def apiserver_command(plane: Plane) -> list[str]:
    """Return the command line of the plane's kube-apiserver."""
    folder, store = plane.folder, plane.site.store
    webhook = [
        f"--authentication-token-webhook-config-file={folder / 'webhook.kubeconfig'}",
        "--authentication-token-webhook-version=v1",
        # EKS's own authenticator sees a changed access entry within seconds; so does this one.
        "--authentication-token-webhook-cache-ttl=5s",
    ]
    return [
        str(plane.site.toolchain.kube_apiserver),
        f"--etcd-servers={store.url}",
        f"--etcd-prefix={plane.prefix}",
        f"--etcd-cafile={store.authority.certificate}",
        f"--etcd-certfile={store.client.certificate}",
        f"--etcd-keyfile={store.client.key}",
        f"--bind-address={ports.LOOPBACK}",
        f"--advertise-address={ports.LOOPBACK}",
        f"--secure-port={plane.reservation.port}",
        "--permit-port-sharing",
        "--endpoint-reconciler-type=none",
        f"--tls-cert-file={folder / 'apiserver.crt'}",
        f"--tls-private-key-file={folder / 'apiserver.key'}",
        f"--client-ca-file={plane.authority.certificate}",
        "--anonymous-auth=true",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.100.0.0/16",
        f"--service-account-issuer={plane.endpoint}",
        f"--service-account-key-file={folder / 'service-account.pub'}",
        f"--service-account-signing-key-file={folder / 'service-account.key'}",
        *(webhook if plane.token_review else []),
    ]


def companion_commands(plane: Plane) -> dict[str, list[str]]:
    """Return the command lines of what runs beside the API server, by part."""
    tools, access = plane.site.toolchain, f"--kubeconfig={plane.kubeconfig}"
    quiet = ["--leader-elect=false", "--secure-port=0"]
    return {
        "controller-manager": [
            str(tools.kube_controller_manager),
            access,
            *quiet,
            "--use-service-account-credentials=false",
            # A hundred Deployments at once need a thousand requests; the default of 20 a second is too slow.
            "--kube-api-qps=200",
            "--kube-api-burst=400",
            f"--root-ca-file={plane.authority.certificate}",
            f"--service-account-private-key-file={plane.folder / 'service-account.key'}",
        ],
        "scheduler": [str(tools.kube_scheduler), access, *quiet],
        "kwok": [
            str(tools.kwok),
            access,
            f"--config={tools.kwok_stages}",
            f"--config={STAGES}",
            "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
            "--node-lease-duration-seconds=40",
        ],
    }


def _write_kubeconfigs(plane: Plane) -> None:
    user = kubeconfig.certificate_user(plane.admin)
    entry = kubeconfig.Entry(context=plane.name, server=plane.endpoint, authority=plane.authority.encoded(), user=user)
    kubeconfig.write(plane.kubeconfig, [entry])
    if plane.token_review:
        kubeconfig.write_webhook(plane.folder / "webhook.kubeconfig", plane.token_review)


def _spawn(plane: Plane, part: str, command: list[str], spawned: Spawned) -> "subprocess.Popen[bytes]":
    process = processes.spawn(command, log=plane.log(part), environment=plane.site.environment)
    spawned(part, process)
    return process


def _await(plane: Plane, running: dict[str, "subprocess.Popen[bytes]"], client: httpx.Client, path: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        for part, process in running.items():
            if process.poll() is not None:
                code, log = process.returncode, plane.log(part)
                raise SandboxError(f"{plane.name}: {part} ended with code {code}; its last words are in {log}")
        try:
            if client.get(path).is_success:
                return
        except httpx.TransportError:  # not listening yet
            pass
        if time.monotonic() > deadline:
            raise SandboxError(
                f"{plane.name}: {path} does not answer after {READY_SECONDS:.0f} s; see {plane.log('apiserver')}"
            )
        time.sleep(0.1)
