"""Define the `fed sandbox` commands: a cloud on this machine.

Each command finds the sandbox's folder, calls one function, and prints. Faults are one line on stderr and exit code 1.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sandbox import cluster_names, control, environment, failing, kubeconfigs, lifecycle, logs, place, views
from sandbox.errors import SandboxError


class Whole(TyperGroup):
    """A command group whose list wraps lines and never truncates a sentence."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write each command with the first paragraph of its help."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, " ".join((each.help or "").partition("\n\n")[0].split())) for name, each in found if each]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


app = typer.Typer(
    name="sandbox",
    help="""Run a cloud on this machine: AWS and Kubernetes clusters.

    Exit codes: 0 done; 1 it cannot be done, and a line says why; 2 the command line is wrong.
    """,
    no_args_is_help=True,
    rich_markup_mode=None,
    cls=Whole,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cluster_app = typer.Typer(
    help="Make clusters that are not EKS, and lose a cluster on purpose.",
    no_args_is_help=True,
    rich_markup_mode=None,
    cls=Whole,
)
app.add_typer(cluster_app, name="cluster")


class Format(StrEnum):
    """How `status` prints."""

    TABLE = "table"
    JSON = "json"


class Way(StrEnum):
    """The ways to fail; a cluster can only refuse or hang."""

    REFUSE = "refuse"
    HANG = "hang"
    THROTTLE = "throttle"
    SLOW = "slow"


class Shell(StrEnum):
    """How `env` prints."""

    SH = "sh"
    JSON = "json"


Output = Annotated[Format, typer.Option("--output", "-o", help="A table to read, or JSON.")]
Name = Annotated[str, typer.Argument(help="The cluster's name.")]


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except SandboxError as error:
        typer.echo(f"fed sandbox: {error}", err=True)
        raise typer.Exit(1) from None


def _progress(line: str) -> None:
    typer.echo(line, err=True)


@app.command()
def up() -> None:
    """Start the sandbox; does nothing when it runs."""
    with _reported():
        lifecycle.up(place.find(), _progress)


@app.command()
def down() -> None:
    """End the sandbox and remove everything that it kept."""
    with _reported():
        lifecycle.down(place.find(), _progress)


@app.command()
def status(output: Output = Format.TABLE) -> None:
    """Show what runs, and what fails. With --output json, also count the requests to each AWS service."""
    with _reported():
        where = place.find()
        lifecycle.status_of(where)
        state = control.ask(where.folder, "status")
        typer.echo(json.dumps(state, indent=2) if output is Format.JSON else views.status(state))


@app.command()
def env(shell: Annotated[Shell, typer.Option(help="Lines for a shell's eval, or JSON.")] = Shell.SH) -> None:
    """Print the variables that point programs at the sandbox: eval "$(fed sandbox env)"."""
    with _reported():
        where = place.find()
        variables = environment.exports(where, lifecycle.status_of(where))
        typer.echo(json.dumps(variables, indent=2) if shell is Shell.JSON else environment.shell(variables))


@app.command()
def kubeconfig() -> None:
    """Write a kubeconfig with a context for every cluster, and print its path."""
    with _reported():
        where = place.find()
        running = lifecycle.status_of(where)
        clusters = control.ask(where.folder, "status")["clusters"]
        typer.echo(kubeconfigs.write(where, running, clusters))


@app.command()
def fail(
    name: Annotated[str, typer.Argument(help="A region of AWS, or a cluster: a member's name or the cluster's own.")],
    *,
    apis: Annotated[str, typer.Option(help="Of a region, only these: eks,ec2,sts. All that it has, if none.")] = "",
    how: Annotated[Way, typer.Option(help="What becomes of a request; a cluster can refuse or hang.")] = Way.REFUSE,
    clusters: Annotated[bool, typer.Option("--clusters", help="Its EKS clusters' API servers fail as well.")] = False,
) -> None:
    """Make a region's APIs or a cluster's API server fail, until 'heal'.

    refuse: the connection is closed without a response. hang: no response ever comes. throttle: AWS's error for too
    many requests. slow: a response after 3 seconds. Route53 and IAM are global and signed for us-east-1: they fail by
    name only ('fail us-east-1 --apis route53'), and no failing region includes them.
    """
    with _reported():
        named = [each.strip() for each in apis.split(",") if each.strip()]
        result = control.ask(
            place.find().folder, "fail", name=_target(name), apis=named, how=how.value, clusters=clusters
        )
        typer.echo(f"{result}; 'fed sandbox heal {name}' ends it")


@app.command()
def heal(
    name: Annotated[str, typer.Argument(help="A region or a cluster; everything, if none is given.")] = "",
) -> None:
    """End what 'fail' began, and start stopped clusters; returns when they are ready."""
    with _reported():
        healed = control.ask(place.find().folder, "heal", name=_target(name) if name else "")
        typer.echo(f"healed: {', '.join(healed)}" if healed else "nothing fails")


def _target(name: str) -> str:
    """Return the supervisor's name for a region, or for a cluster given by its member's name."""
    where = place.find()
    running = lifecycle.status_of(where)
    if name in failing.regions():
        return name
    return kubeconfigs.find(where, running, control.ask(where.folder, "status")["clusters"], name)


@app.command(name="logs")
def show_logs(
    name: Annotated[str, typer.Argument(help="A log's name, or the beginning of some; none lists them.")] = "",
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on printing what comes.")] = False,
) -> None:
    """Print logs of the sandbox's parts."""
    with _reported():
        for line in logs.follow(place.find(), name) if follow else logs.read(place.find(), name):
            typer.echo(line)


@cluster_app.command()
def create(
    name: Name,
    region: Annotated[str, typer.Option(help="The region that its nodes are labelled with.")] = "local",
    zone: Annotated[str, typer.Option(help="The zone of its nodes; the region with -a, if none is given.")] = "",
    nodes: Annotated[int, typer.Option(min=0, help="How many nodes it has.")] = 2,
) -> None:
    """Create a cluster that is not EKS, and wait until it is ready."""
    with _reported():
        cluster_names.check(name=name, region=region, zone=zone or f"{region}-a")
        where = place.find()
        running = lifecycle.status_of(where)
        clusters = control.ask(where.folder, "status")["clusters"]
        cluster_names.check_free(name, kubeconfigs.taken(where, running, clusters))
        control.ask(where.folder, "cluster-create", name=name, region=region, zone=zone or f"{region}-a", nodes=nodes)
        typer.echo(f"cluster {name} is ready: context {name} in the file that 'fed sandbox kubeconfig' prints")


@cluster_app.command()
def delete(name: Name) -> None:
    """Delete a cluster that is not EKS."""
    with _reported():
        control.ask(place.find().folder, "cluster-delete", name=name)
        typer.echo(f"cluster {name} is deleted")


@cluster_app.command()
def stop(name: Name) -> None:
    """End a cluster's processes and keep its objects, as when its region is lost."""
    with _reported():
        control.ask(place.find().folder, "cluster-stop", name=name)
        typer.echo(f"cluster {name} is stopped; 'fed sandbox cluster start {name}' brings it back")


@cluster_app.command()
def start(name: Name) -> None:
    """Start a stopped cluster again, and wait until it is ready."""
    with _reported():
        control.ask(place.find().folder, "cluster-start", name=name)
        typer.echo(f"cluster {name} is ready")


@cluster_app.command(name="list")
def list_clusters(output: Output = Format.TABLE) -> None:
    """List all clusters, EKS and others."""
    with _reported():
        clusters = control.ask(place.find().folder, "status")["clusters"]
        typer.echo(json.dumps(clusters, indent=2) if output is Format.JSON else views.clusters(clusters))
