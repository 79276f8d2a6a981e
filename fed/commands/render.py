"""``fed render``: write the plan as files, for GitOps and for ``kubectl``."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from fed.commands import plan as plan_command
from fed.terminal import folder, options
from fed.terminal.folder import Folder
from fed.terminal.options import HERE, MemberName, StackName
from fed.terminal.output import say, warn
from federation.errors.suggestions import counted
from federation.plan.changes import quarantine
from federation.plan.model import serialise
from federation.plan.model.plan import Plan
from federation.plan.views import render

__all__ = ["RECORDS", "command", "write"]

RECORDS = "records.json"

Out = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help="The folder to write. One that `fed render` made is replaced.")
]


def command(
    out: Out,
    stack: StackName = "dev",
    member: MemberName = "",
    *,
    with_secrets: Annotated[
        bool, typer.Option("--with-secrets", help="Write Secrets that hold literal values too (files of mode 0600).")
    ] = False,
    cwd: options.Folder = HERE,
) -> None:
    """Write a folder per member, a file per object: for GitOps, `kubectl apply -R -f DIR/MEMBER` and `kubectl diff`.

    The same input gives the same bytes. Secrets with values are left out, and listed. Members that are not written
    (quarantined ones, or all but the one that --member names) keep the folder that they have in DIR.

    Exit codes: 0 written; 1 a fault in config or documents; 2 the command line is wrong, or DIR is not ours to replace.
    """
    plan = plan_command.make_plan(options.read_stack(stack, cwd, defers_errors=True))
    if member:
        options.check_member(member, plan)
    renderer = render.FileRenderer(with_secrets=with_secrets)
    with folder.replaced_folder(out) as made:
        written = write(plan, made, renderer, member)
    warn(plan.warnings)
    for left in sorted(renderer.left):
        say(f"left out: {left.document}: {left.why}")
    files, members = counted(sum(written.values()), "file"), counted(len(written), "member")
    say(f"wrote {files} for {members} to {out}")


def write(plan: Plan, made: Folder, renderer: render.FileRenderer, only: str = "") -> dict[str, int]:
    """Write ``plan`` (of one member only, if named) into ``made``, and return the number of files by member."""
    written: dict[str, int] = {}
    for each in plan.members:
        if not each.available or (only and each.name != only):
            kept = made.keep(each.name)
            if not each.available:
                say(f"{quarantine.described(each)}; its folder {'is kept' if kept else 'is not made'}")
            continue
        files = 0
        for file in renderer.files(each):
            made.write(file.path, file.text, private=file.secret)
            files += 1
        written[each.name] = files
    if only:
        made.keep(RECORDS)
    else:
        tree = [serialise.plain(replace(record, reasons=())) for record in plan.records]
        made.write(RECORDS, json.dumps(tree, indent=2, sort_keys=True) + "\n")
    return written
