"""``fed types``: list the federated kinds, what each stands for, and the source of that."""

from typing import Annotated, Any

import typer

from fed.terminal import options
from fed.terminal.options import HERE, Folder, Output, StackName
from fed.terminal.output import OutputFormat, print_tree, table
from federation.api.schema.catalogue import FederatedType, catalogue

__all__ = ["command"]

COLUMNS = ("FEDERATED KIND", "STANDS FOR", "SCOPE", "PLURAL", "KNOWN FROM", "PROPAGATION", "DOCUMENTS")
Used = Annotated[bool, typer.Option("--used", help="Only types that documents use or define.")]


def command(
    stack: StackName = "dev", *, used: Used = False, output: Output = OutputFormat.TABLE, cwd: Folder = HERE
) -> None:
    """List the federated kinds: what each stands for, its scope and plural, and where that is defined.

    Exit code 1 when the config or the documents have a fault.
    """
    kinds = [each for each in catalogue(options.read_stack(stack, cwd).documents) if not used or _is_used(each)]
    if output is not OutputFormat.TABLE:
        print_tree([_tree(each) for each in kinds], output)
        return
    table("Types", COLUMNS, [_row(each) for each in kinds])


def _is_used(each: FederatedType) -> bool:
    return bool(each.documents) or each.known_from != ("built in",)


def _scope(each: FederatedType) -> str:
    return "Namespaced" if each.target.namespaced else "Cluster"


def _row(each: FederatedType) -> tuple[str, ...]:
    return (
        each.federated_kind,
        f"{each.target.kind} {each.target.api_version}",
        _scope(each),
        each.target.plural,
        "\n".join(each.known_from),
        each.propagation,
        str(each.documents),
    )


def _tree(each: FederatedType) -> dict[str, Any]:
    return {
        "federatedKind": each.federated_kind,
        "apiVersion": each.target.api_version,
        "kind": each.target.kind,
        "scope": _scope(each),
        "plural": each.target.plural,
        "knownFrom": list(each.known_from),
        "propagation": each.propagation,
        "documents": each.documents,
    }
