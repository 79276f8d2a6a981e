"""``fed new``: write the skeleton of an application into the stack's folder of documents."""

import re
import shutil
import tempfile
from pathlib import Path
from string import Template
from typing import Annotated, Final

import typer

from fed.terminal import options
from fed.terminal.groups import Whole
from fed.terminal.options import HERE, Folder, StackName
from fed.terminal.output import say
from federation.api.reading import naming
from federation.errors.fault import FederationError
from federation.operations.project import settings

__all__ = ["app"]

app = typer.Typer(help="Write the skeleton of an application.", no_args_is_help=True, cls=Whole)

NAMESPACE: Final = Template("""\
# The namespace is federated too: it limits the placement of everything in it.
apiVersion: types.kubefed.io/v1beta1
kind: FederatedNamespace
metadata:
  name: $namespace
  namespace: $namespace
spec:
  placement:
    clusterSelector: {}
""")
APP: Final = Template("""\
# Every member of the stack runs it; `fed explain deployment/$name` explains why.
apiVersion: types.kubefed.io/v1beta1
kind: FederatedDeployment
metadata:
  name: $name
  namespace: $namespace
spec:
  template:
    metadata:
      labels: {app: $name}
    spec:
      replicas: 1
      selector:
        matchLabels: {app: $name}
      template:
        metadata:
          labels: {app: $name}
        spec:
          containers:
            - name: $name
              image: $image
              ports:
                - name: http
                  containerPort: 80
              resources:
                requests: {cpu: 50m, memory: 64Mi}
  placement:
    clusterSelector: {}
---
# How many replicas there are in all, and how the members share them.
apiVersion: scheduling.kubefed.io/v1alpha1
kind: ReplicaSchedulingPreference
metadata:
  name: $name
  namespace: $namespace
spec:
  targetKind: FederatedDeployment
  totalReplicas: $replicas
  clusters:
    "*":
      weight: 1
      minReplicas: 1
---
apiVersion: types.kubefed.io/v1beta1
kind: FederatedService
metadata:
  name: $name
  namespace: $namespace
spec:
  template:
    spec:
      type: LoadBalancer
      selector: {app: $name}
      ports:
        - name: http
          port: 80
          targetPort: http
  placement:
    clusterSelector: {}
  overrides:
    # Annotations of a template are dropped, as in KubeFed: they are set by override.
    - clusterSelector: {}
      clusterOverrides:
        - op: add
          path: /metadata/annotations
          value:
            service.beta.kubernetes.io/aws-load-balancer-type: nlb
""")
RECORD: Final = Template("""\
---
# The application's names in the zone of the federation, over all members.
apiVersion: multiclusterdns.kubefed.io/v1alpha1
kind: ServiceDNSRecord
metadata:
  name: $name
  namespace: $namespace
spec:
  domainRef: $federation
  recordTTL: 60
""")


class NotWrittenError(FederationError):
    """The skeleton cannot be written; no file was written."""

    exit_code = 2


@app.callback()
def _new() -> None:
    """Write the skeleton of an application."""


@app.command("app")
def application(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The application's name, such as shop.")],
    namespace: Annotated[
        str,
        typer.Option(
            "--namespace", "-n", metavar="NAMESPACE", help="Its namespace (default: its name).", show_default=False
        ),
    ] = "",
    image: Annotated[str, typer.Option("--image", metavar="IMAGE", help="Its container image.")] = "nginx:1.28-alpine",
    stack: StackName = "dev",
    cwd: Folder = HERE,
) -> None:
    """Write documents of an application into a new folder of the stack's documents; nothing is ever overwritten.

    A namespace unless one is federated already, a Deployment with its preference, a Service, and a DNS record where the
    stack has a zone. They are valid as written: `fed plan` shows them.

    Exit codes: 0 written; 1 a fault in config or documents; 2 the name is invalid, or the folder exists.
    """
    _check(name, naming.SERVICE, "a letter first")
    _check(namespace or name, naming.LABEL, "a letter or digit first")
    read = options.read_stack(stack, cwd)
    folder = _folder(read.root, stack) / name
    federated = {each.name for each in read.documents.federated if each.target.kind == "Namespace"}
    values = {
        "name": name,
        "namespace": namespace or name,
        "image": image,
        "replicas": str(2 * len(read.federation.members)),
        "federation": read.federation.name,
    }
    has_names = bool(read.federation.zone) and read.federation.dns.provider != "none"
    parts = {f"{name}.yaml": APP.substitute(values) + (RECORD.substitute(values) if has_names else "")}
    if values["namespace"] not in federated:
        parts["namespace.yaml"] = NAMESPACE.substitute(values)
    _write(folder, parts)
    for each in sorted(parts):
        say(f"wrote {_shown(folder / each, read.root)}")
    say(f"next: fed plan --stack {stack}")


def _check(word: str, pattern: re.Pattern[str], first: str) -> None:
    if not pattern.match(word):
        msg = f"\"{word}\" is not a name that Kubernetes takes; use a-z, 0-9 and '-', {first}, at most 63 characters"
        raise NotWrittenError(msg)


def _folder(root: Path, stack: str) -> Path:
    """The first folder among the stack's ``workloads``."""
    for path in settings.workloads(root, stack):
        if path.is_dir():
            return path
    raise NotWrittenError(f"stack {stack} has no folder of documents; name one under eks-federation:workloads")


def _write(folder: Path, parts: dict[str, str]) -> None:
    """All files at once, in a folder that does not exist yet."""
    if folder.exists() or folder.is_symlink():
        raise NotWrittenError(f"{folder} exists already, and nothing is overwritten; choose another name, or remove it")
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        (beside / "new").mkdir()
        for name, text in parts.items():
            (beside / "new" / name).write_text(text, encoding="utf-8")
        (beside / "new").rename(folder)
    finally:
        shutil.rmtree(beside)


def _shown(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path
