"""``fed doctor``: check all that an update needs, each with a remedy."""

from dataclasses import asdict
from typing import Annotated

import typer

from fed.terminal.options import HERE, Folder, Output, StackName
from fed.terminal.output import OutputFormat, print_document, say, table
from federation.operations.project import settings

__all__ = ["command"]


def command(
    stack: StackName = "dev",
    output: Output = OutputFormat.TABLE,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=0.1, help="How long a member may take to answer.")
    ] = 5.0,
    cwd: Folder = HERE,
) -> None:
    """Check pulumi and its plugins, the backend, the passphrase, every member and kubectl; nothing is changed.

    Exit codes: 0 no problem (there may be warnings); 1 a problem, each with its remedy; 2 there is no such stack.
    """
    # Imported here because clients take half a second to load.
    from federation.operations import diagnosis

    root = settings.find_project(cwd.resolve())
    settings.check_stack(root, stack)
    checks = list(diagnosis.diagnose_stack(root, stack, timeout))
    is_well = all(each.state != "problem" for each in checks)
    if output is OutputFormat.TABLE:
        table("Doctor", ("WHAT", "STATE", "FOUND"), [(each.what, each.state, each.found) for each in checks])
        for each in checks:
            if each.remedy:
                say(f"{each.what}: {each.remedy}")
    else:
        print_document("Diagnosis", {"ok": is_well, "checks": [asdict(each) for each in checks]}, output)
    if not is_well:
        raise typer.Exit(1)
