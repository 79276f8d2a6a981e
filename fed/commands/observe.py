"""``fed observe``: record what runs in the members now, for later plans."""

from pathlib import Path
from typing import Annotated

import typer

from fed.terminal import options
from fed.terminal.options import HERE, Folder, Output, StackName
from fed.terminal.output import OutputFormat, print_document, reporting, say, table
from federation.operations.engine import outputs
from federation.operations.project import observed_state
from federation.operations.project.observed_state import ObservedState
from federation.plan import planner

__all__ = ["command"]


def command(
    stack: StackName = "dev",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Write the file here; plans read observed/<stack>.yaml.", show_default=False
        ),
    ] = None,
    output: Output = OutputFormat.TABLE,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=0.1, help="Seconds that a member may take.")
    ] = 10.0,
    cwd: Folder = HERE,
) -> None:
    """Query all members at once, and write what runs there to observed/<stack>.yaml. Plans and updates read it.

    For each workload that a preference divides: the replicas that are ready, and how many the member has room for when
    pods cannot be scheduled. A member that does not answer gets a line of its own.

    Exit codes: 0 written; 1 a fault, or no member has answered (the file stays as it was).
    """
    # Imported here because it takes a fifth of a second to load.
    from federation.operations.members import observing

    with reporting(output):
        read = options.read_stack(stack, cwd)
        left = outputs.read_outputs(read.root, stack)
        # Planned without the present file: a broken file must not prevent a new one.
        plan = planner.plan(read.federation, read.documents, left.observed)
    observed = observing.observe_members(plan, left.kubeconfigs, at=observed_state.now(), seconds=timeout)
    _print(observed, output)
    for name, why in sorted(observed.unreachable.items()):
        say(f"{name}: {why}")
    if not observed.nodes:
        say("no member has answered: nothing is written")
        raise typer.Exit(1)
    path = out or read.root / observed_state.file_of(stack)
    observed_state.write_observed_state(observed, path)
    say(f"wrote {path}")


def _print(observed: ObservedState, output: OutputFormat) -> None:
    if output is not OutputFormat.TABLE:
        tree = observed_state.to_tree(observed) | {"silent": dict(sorted(observed.unreachable.items()))}
        print_document("Observation", {key: tree[key] for key in tree if key != "apiVersion"}, output)
        return
    table("Members", ("MEMBER", "NODES"), [(name, str(count)) for name, count in sorted(observed.nodes.items())])
    rows = [
        (key, each.kind, member, str(replicas.current), "" if replicas.capacity is None else str(replicas.capacity))
        for key, each in sorted(observed.workloads.items())
        for member, replicas in sorted(each.members.items())
    ]
    table("Workloads", ("WORKLOAD", "KIND", "MEMBER", "READY", "ROOM FOR"), rows)
