"""The ``fed`` command: thin commands over ``federation`` and ``stacks``.

Exit codes: 0 done; 1 a fault in what was given, or something is not as it should be; 2 the command line is wrong.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from fed import memory
from fed.commands import destroy, diff, doctor, federate, importing, live, new, schema, simulate, types
from fed.commands import explain as explain_command
from fed.commands import kubeconfig as kubeconfig_command
from fed.commands import observe as observe_command
from fed.commands import plan as plan_command
from fed.commands import render as render_command
from fed.commands import validate as validate_command
from fed.terminal import groups, options
from fed.terminal.options import HERE, Folder, Output, StackName
from fed.terminal.output import OutputFormat, PlanFormat, reporting, say
from federation.errors.fault import FederationError
from federation.operations.engine import guarding
from federation.operations.project import ci, settings

__all__ = ["app", "main"]

app = typer.Typer(
    name="fed",
    help="One application on many Kubernetes clusters: see what is placed where and why, before and after an update.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    cls=groups.Overview,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _fed(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=groups.show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Run one of the commands."""


@app.command()
def plan(
    stack: StackName = "dev",
    output: options.PlanOutput = PlanFormat.TABLE,
    *,
    every: Annotated[bool, typer.Option("--all", help="Also show what does not change, and all record sets.")] = False,
    live: Annotated[
        bool, typer.Option("--live/--no-live", help="Read members that have objects, for a few seconds at most.")
    ] = True,
    allow: options.Allow = None,
    require_state: options.RequireState = None,
    cwd: Folder = HERE,
) -> None:
    """Show what changes in each member and in DNS, and close with one line that sums it up.

    The plan is made from the files, and compared with the stack's state if `pulumi` can read it. Fields of running
    members that the update takes back from others, or removes, are listed. Exit code 1 when there are faults, when the
    guard refuses the plan, or when members share a cluster; the plan is printed first.
    """
    guarding.allow_once(allow or ())
    needed = ci.chosen(os.environ, option=require_state)
    with reporting(output):
        read = options.read_stack(stack, cwd, defers_errors=True)
        passed = plan_command.show(read, output, live=live, every=every, require_state=needed)
    if not passed:
        raise typer.Exit(1)


@app.command()
def validate(stack: StackName = "dev", output: Output = OutputFormat.TABLE, cwd: Folder = HERE) -> None:
    """Read config and documents, and list the faults with file, line and remedy. Exit code 1 on errors.

    All faults are listed at once. Checks that could report follow-on errors are skipped, and a closing line says so:
    run again then.
    """
    if not validate_command.show(stack, cwd, output):
        raise typer.Exit(1)


@app.command()
def status(
    stack: StackName = "dev",
    output: Output = OutputFormat.TABLE,
    *,
    every_object: Annotated[bool, typer.Option("--all", help="List every object, also those that are as planned.")] = (
        False
    ),
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Repeat every 5 s, until all is as planned or you interrupt it.")
    ] = False,
    cwd: Folder = HERE,
) -> None:
    """Compare every planned object, and DNS, with the live objects of each member. Exit code 1 when they differ.

    An object is as planned when it exists, has the fields that the federation sends, and is ready. Fields of others and
    objects of quarantined members are not compared. An object that is in the state and not planned counts as a
    difference.
    """
    # Imported here because clients take half a second to load, and most commands do not use them.
    from fed.commands import status as status_command

    show = status_command.watch if watch else status_command.show
    if not show(options.read_stack(stack, cwd), output, every_object=every_object):
        raise typer.Exit(1)


@app.command()
def up(
    stack: StackName = "dev",
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Continue after the preview without a prompt.")] = False,
    skip_preview: Annotated[bool, typer.Option("--skip-preview", "-f", help="Leave the preview out.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what would be done.")] = False,
    create: Annotated[bool, typer.Option("--create", help="Make the stack if it does not exist yet.")] = False,
    no_guard: Annotated[bool, typer.Option("--no-guard", help="Turn the guard off for this update.")] = False,
    allow: options.Allow = None,
    refresh: Annotated[
        bool | None,
        typer.Option(
            "--refresh/--no-refresh",
            help="Refresh the state first, to repair changes and deletions made by hand. The default in CI.",
            show_default=False,
        ),
    ] = None,
    cwd: Folder = HERE,
) -> None:
    """Bring a stack up: repair what a killed run has left, run `pulumi up`, then print the status of each member.

    Exit codes: Pulumi's own; 1 also when a member that answers is not as planned.
    """
    from fed.commands import up as up_command

    if no_guard:
        up_command.without_guard()
    guarding.allow_once(allow or ())
    read = options.read_stack(stack, cwd)
    passed = [option for option, given in (("--yes", yes), ("--skip-preview", skip_preview)) if given]
    refresh = ci.chosen(os.environ, option=refresh)
    if preview:
        code = up_command.preview(read, refresh=refresh)
    else:
        up_command.check_confirmed(passed)
        code = up_command.bring_up(read, passed, create=create, refresh=refresh)
    if code:
        raise typer.Exit(code)


@app.command()
def kubeconfig(
    stack: StackName = "dev",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it to this file (mode 0600).")
    ] = None,
    cwd: Folder = HERE,
) -> None:
    """Print one kubeconfig with a context for every member of a stack that is up.

    Exit codes: 0 printed; 1 the stack is not up, or `pulumi` fails; 2 there is no such stack.
    """
    root = settings.find_project(cwd.resolve())
    settings.check_stack(root, stack)
    kubeconfig_command.write(root, stack, out)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
def sandbox(ctx: typer.Context) -> None:
    """A cloud on this machine, for trying and for tests: up, down, status, env, kubeconfig, logs."""
    checkout = Path(__file__).resolve().parent.parent
    if not (checkout / "sandbox" / "cli.py").is_file():
        msg = "the sandbox is not part of the installed library; run fed from a checkout of the project"
        raise FederationError(msg)
    # Started by name, so that the command line does not import the sandbox.
    sys.path.insert(0, str(checkout))
    import_module("sandbox.cli").app(ctx.args, prog_name="fed sandbox")


app.command("explain")(explain_command.command)
app.command("observe")(observe_command.command)
app.command("render")(render_command.command)
app.command("simulate")(simulate.command)
app.command("diff")(diff.command)
app.command("federate")(federate.command)
app.command("types")(types.command)
app.command("schema")(schema.command)
app.command("destroy")(destroy.command)
app.command("doctor")(doctor.command)
app.command("get")(live.get)
app.command("logs")(live.logs)
app.add_typer(importing.app, name="import")
app.add_typer(new.app, name="new")


def main() -> None:
    """Entry point. A fault prints its message and ends with its exit code; a traceback is a bug in this program."""
    memory.spare_collections()
    try:
        app()
    except FederationError as error:
        say(str(error))
        sys.exit(error.exit_code)
    except OSError as error:  # a file or folder that the command line names; a closed pipe ends inside of app()
        say(f"{error.filename or 'what was to be read or written'}: {error.strerror or error}")
        sys.exit(1)


if __name__ == "__main__":
    main()
