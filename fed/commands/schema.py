"""``fed schema``: print the JSON Schema of documents, or of a stack's config, for editors."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from fed.terminal import options
from fed.terminal.options import HERE, Folder, StackName
from fed.terminal.output import say
from federation.api.schema.catalogue import catalogue
from federation.api.schema.config_schema import config_schema
from federation.api.schema.document_schema import document_schema
from federation.errors.fault import FederationError
from federation.plan.views.output_schema import OUTPUTS, output_schema

__all__ = ["command"]

Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it to this file.", show_default=False)]
OfConfig = Annotated[
    bool, typer.Option("--stack-config", help="The schema of Pulumi.<stack>.yaml, in place of documents.")
]


OfOutput = Annotated[
    str,
    typer.Option(
        "--output-of",
        metavar="COMMAND",
        help=f"The schema of a command's JSON output: {', '.join(OUTPUTS)}.",
        show_default=False,
    ),
]


class NoSuchOutputError(FederationError):
    """The command line names a command whose output has no schema."""

    exit_code = 2


def command(
    stack: StackName = "dev",
    *,
    stack_config: OfConfig = False,
    output_of: OfOutput = "",
    out: Out = None,
    cwd: Folder = HERE,
) -> None:
    """Print a JSON Schema (2020-12) of every document that this project reads, its own types included.

    An editor uses it by a first line such as `# yaml-language-server: $schema=../schema.json`. Exit code 1 when the
    config or the documents have a fault.
    """
    if output_of:
        made = _of_output(output_of)
    else:
        made = config_schema() if stack_config else document_schema(catalogue(options.read_stack(stack, cwd).documents))
    text = json.dumps(made, indent=2, sort_keys=True) + "\n"
    if out is None:
        sys.stdout.write(text)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    say(f"wrote {out}")


def _of_output(name: str) -> dict[str, Any]:
    if name not in OUTPUTS:
        raise NoSuchOutputError(f"the output of {name!r} has no schema (allowed: {', '.join(OUTPUTS)})")
    return output_schema(name)
