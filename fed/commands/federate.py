"""``fed federate``: turn objects, from files or from a live cluster, into federated documents."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fed.terminal import documents
from fed.terminal.output import say, warn
from federation.api.reading import loading
from federation.api.reading.dispatch import Unread
from federation.errors.fault import Fault, FederationError
from federation.errors.suggestions import counted
from federation.migration import federating, secrets, source_objects
from federation.migration.federating import FederatedDocuments
from federation.migration.source_objects import SourceObject

if TYPE_CHECKING:  # its client is slow to load, and files need none
    from federation.operations.members.discovery import LiveCluster

__all__ = ["command", "say_moved_secrets"]

What = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE... | KIND NAME",
        help="Files and folders of objects ('-': standard input), or a kind and a name in a live cluster.",
        show_default=False,
    ),
]
Namespace = Annotated[
    str,
    typer.Option(
        "--namespace",
        "-n",
        metavar="NAMESPACE",
        help="The object's namespace; with files, that of objects that name none.",
    ),
]
Context = Annotated[
    str, typer.Option("--context", metavar="CONTEXT", help="The context of the kubeconfig (default: its current one).")
]
Kubeconfig = Annotated[
    Path | None,
    typer.Option("--kubeconfig", metavar="FILE", help="The kubeconfig (default: $KUBECONFIG, then ~/.kube/config)."),
]
Contents = Annotated[bool, typer.Option("--contents", help="With a namespace: federate what is inside it, too.")]
Skip = Annotated[
    list[str] | None,
    typer.Option(
        "--skip-api-resources", metavar="TYPE", help="With --contents: leave out this type (pods, deployments.apps)."
    ),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the documents to this file.")]
WithSecrets = Annotated[
    bool,
    typer.Option("--with-secrets", help="Write the values of Secrets, too; needs --out, whose mode becomes 0600."),
]


def command(
    what: What,
    namespace: Namespace = "",
    context: Context = "",
    kubeconfig: Kubeconfig = None,
    *,
    contents: Contents = False,
    skip_api_resources: Skip = None,
    out: Out = None,
    with_secrets: WithSecrets = False,
) -> None:
    """Turn objects into federated documents that go to every member, as `kubefedctl federate` does.

    Documents go to standard output (or --out), all remarks to standard error. A Secret's values are replaced by
    references to the stack's encrypted config. Exit codes: 0 done; 1 something cannot be federated or read; 2 the
    command line is wrong.
    """
    if with_secrets and out is None:
        raise typer.BadParameter(
            "the values of Secrets are never printed: name a file with --out", param_hint="--with-secrets"
        )
    warnings: Sequence[Fault] = ()
    if _names_files(what):
        if contents:
            raise typer.BadParameter("it needs a live cluster: give 'namespace NAME'", param_hint="--contents")
        things = source_objects.source_objects(_from_files(what))
    else:
        from federation.operations.members.discovery import LiveCluster

        cluster = LiveCluster(kubeconfig, context)
        things, warnings = _from_cluster(cluster, what, namespace, contents=contents, skipped=skip_api_resources or ())
    made = federating.federate(things, namespace=namespace, with_secrets=with_secrets)
    warn([*warnings, *made.warnings])
    _write(made, out, private=with_secrets and any(secrets.is_secret(thing) for thing in things))


def _names_files(what: Sequence[str]) -> bool:
    """Two words that name no files are a kind and a name; otherwise all words must name files."""
    if any(each == "-" or Path(each).exists() for each in what):
        return True
    if len(what) == 2 and not any("/" in each or each.endswith((".yaml", ".yml", ".json")) for each in what):
        return False
    if len(what) == 1 and not what[0].endswith((".yaml", ".yml", ".json")):
        raise typer.BadParameter(f"{what[0]!r} is not a file; a live object needs a kind and a name", param_hint="FILE")
    return True


def _from_files(what: Sequence[str]) -> list[Unread]:
    trees = list(loading.trees_of([Path(each) for each in what if each != "-"])) if set(what) != {"-"} else []
    if "-" in what:
        trees += loading.trees_in(_standard_input(), "<stdin>")
    return trees


def _standard_input() -> str:
    if sys.stdin is None:
        raise FederationError("standard input is closed; pipe the objects in, or name a file")
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FederationError(f"<stdin>: byte {error.start + 1} is not UTF-8; save the objects as UTF-8") from None


def _from_cluster(
    cluster: "LiveCluster", what: Sequence[str], namespace: str, *, contents: bool, skipped: Sequence[str]
) -> tuple[tuple[SourceObject, ...], Sequence[Fault]]:
    kind, name = what
    things = source_objects.source_objects([cluster.one(kind, name, namespace or cluster.namespace)])
    if not contents:
        return things, ()
    if things[0].kind != "Namespace":
        raise FederationError(f"--contents is for namespaces, and {things[0]} is not one")
    inside, warnings = federating.contents(source_objects.source_objects(cluster.inside(name, skipped)), skipped)
    return (*things, *inside), warnings


def _write(made: FederatedDocuments, out: Path | None, *, private: bool) -> None:
    written = documents.text(made.documents)
    if out is None:
        documents.write_out(written)
    else:
        documents.write_file(out, written, private=private)
        say(f"wrote {counted(len(made.documents), 'document')} to {out}")
    say_moved_secrets([str(each) for each in made.moved_secrets])


def say_moved_secrets(moved_secrets: Sequence[str]) -> None:
    """List the values that the user has to set in the config, if there are any."""
    if moved_secrets:
        say("the values of Secrets are left out of documents; put each into the stack's config:")
        for line in moved_secrets:
            say(f"  {line}")
