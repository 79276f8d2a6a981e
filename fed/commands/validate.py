"""``fed validate``: list every fault in config and documents, except those that another fault hides."""

from pathlib import Path

from fed.commands import plan as plan_command
from fed.terminal import options
from fed.terminal.output import OutputFormat, print_document, say, warn
from federation.errors.fault import Fault, FaultsFoundError, raise_if_errors
from federation.errors.suggestions import counted
from federation.operations.engine import secret_keys
from federation.plan import planner
from federation.plan.changes import unjoining
from federation.plan.model import serialise

__all__ = ["show"]


def show(stack: str, cwd: Path, output: OutputFormat) -> bool:
    """Print the faults of ``stack``: text on standard error, JSON or YAML on standard output; true when there are none.

    ``FaultsFoundError`` with all of them when the output is text.
    """
    try:
        read = options.read_stack(stack, cwd, defers_errors=True)
        observed = plan_command.observe_stack(read)
        planned = planner.plan(read.federation, read.documents, observed)
        entries = unjoining.refused(read.federation, planned, observed) + unjoining.warned(
            read.federation, planned, observed
        )
        warnings = raise_if_errors([*planned.warnings, *secret_keys.missing(read, planned), *entries])
    except FaultsFoundError as error:
        if output is OutputFormat.TABLE:
            raise
        _print(error.faults, output)
        if error.skipped_checks:
            say(error.skipped_checks)
        return False
    if output is OutputFormat.TABLE:
        warn(warnings)
        documents = counted(len(read.documents.federated), "federated document")
        say(f"stack {stack}: {documents}, {counted(len(planned.members), 'member')}, no errors")
    else:
        _print(warnings, output)
    return True


def _print(faults: tuple[Fault, ...], output: OutputFormat) -> None:
    print_document("Faults", {"faults": [serialise.fault_tree(fault) for fault in faults]}, output)
