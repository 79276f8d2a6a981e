"""``fed import``: turn KubeFed and Karmada manifests into this project's documents, and report what is lost."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Annotated, Any

import typer

from fed.commands.federate import say_moved_secrets
from fed.terminal import documents
from fed.terminal.groups import Whole
from fed.terminal.output import OutputFormat, print_document, say, table
from federation.api.reading import loading
from federation.errors.fault import Fault, FederationError
from federation.errors.suggestions import counted
from federation.migration import karmada, kubefed, source_objects
from federation.migration.import_result import ImportResult
from federation.migration.source_objects import SourceObject

__all__ = ["NotEmptyError", "app"]

app = typer.Typer(
    help="Turn manifests of KubeFed or Karmada into documents of this project.", no_args_is_help=True, cls=Whole
)

From = Annotated[Path, typer.Argument(metavar="DIR", help="A folder of manifests, or a file.", show_default=False)]
Out = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help="The folder to write to; it must be empty, or not there yet.")
]
WithSecrets = Annotated[
    bool,
    typer.Option("--with-secrets", help="Write the values of Secrets, too, into files of mode 0600."),
]
Output = Annotated[OutputFormat, typer.Option("--output", "-o", help="How to print the report.")]


class NotEmptyError(FederationError):
    """The output folder on the command line is not empty, or is not a folder."""

    exit_code = 2


@app.command("kubefed")
def import_kubefed(
    source: From, out: Out, *, with_secrets: WithSecrets = False, output: Output = OutputFormat.TABLE
) -> None:
    """Copy KubeFed's documents, without what its controllers and the API server wrote into them.

    Prints members for the stack's config, and all that is lost, with file and line. Exit codes: 0 done; 1 something
    cannot be read or written; 2 the command line is wrong.
    """
    made = kubefed.import_kubefed(_read(source, out), with_secrets=with_secrets)
    _finish(made, out, output, base=_base(source))


@app.command("karmada")
def import_karmada(
    source: From, out: Out, *, with_secrets: WithSecrets = False, output: Output = OutputFormat.TABLE
) -> None:
    """Turn Karmada's policies, and the objects that they take, into federated documents.

    With its Cluster objects among the manifests, excluded clusters and field selectors become names. Prints all that
    is lost, with file and line. Exit codes: 0 done; 1 something cannot be read or written; 2 the command line is wrong.
    """
    made = karmada.import_karmada(_read(source, out), with_secrets=with_secrets)
    _finish(made, out, output)


def _read(source: Path, out: Path) -> tuple[SourceObject, ...]:
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise NotEmptyError(f"{out} is not empty; name an empty folder, so that no file is overwritten")
    return source_objects.source_objects(loading.trees_of([source]))


def _finish(made: ImportResult, out: Path, output: OutputFormat, *, base: Path | None = None) -> None:
    """Write and report. With ``base``, documents keep the file names, relative to it, from which they were read."""
    written = _write(made, out, base)
    _report(made, written, output)
    say(f"wrote {counted(len(written), 'file')} to {out}; check them with fed validate")


def _report(made: ImportResult, written: list[str], output: OutputFormat) -> None:
    if output is not OutputFormat.TABLE:
        tree = {
            "written": written,
            "config": made.config,
            "lost": [_lost(fault) for fault in made.lost],
            "secrets": [{"key": each.key, "from": each.where} for each in made.moved_secrets],
        }
        print_document("Import", tree, output)
        return
    rows = [(str(fault.place), fault.where, fault.message, fault.remedy) for fault in made.lost]
    table("Not carried over" if rows else "Everything is carried over", ("WHERE", "FIELD", "WHAT", "INSTEAD"), rows)
    if made.config:
        documents.write_out("# for Pulumi.<stack>.yaml\n" + documents.text([made.config]))
    say_moved_secrets([str(each) for each in made.moved_secrets])


def _lost(fault: Fault) -> dict[str, Any]:
    place = {"file": fault.place.file, "line": fault.place.line}
    return {**place, "field": fault.where, "what": fault.message, "instead": fault.remedy}


def _write(made: ImportResult, out: Path, base: Path | None) -> list[str]:
    copies = {name: _below(name, base) for name in made.copied}
    targets = _targets({name: _below(name, base) for name in made.files}, copies.values())
    try:
        for name, own in copies.items():
            documents.write_file(out / own, Path(name).read_bytes(), private=made.private, new=True)
        for name, own in targets.items():
            documents.write_file(out / own, documents.text(made.files[name]), private=made.private, new=True)
    except OSError as error:
        raise FederationError(f"{error.filename or out} cannot be written: {error.strerror}") from None
    return sorted(own.as_posix() for own in (*copies.values(), *targets.values()))


def _targets(names: Mapping[str, Path], copies: Iterable[Path]) -> dict[str, Path]:
    """The path to write each file to: a `.yaml` path that no other file and none of the ``copies`` has."""
    targets = {name: own for name, own in names.items() if own.suffix == ".yaml"}
    taken = {*copies, *targets.values()}
    for name, own in names.items():
        if name not in targets:
            targets[name] = next(each for each in _as_yaml(own) if each not in taken)
            taken.add(targets[name])
    return targets


def _as_yaml(path: Path) -> Iterator[Path]:
    """Candidate names for a file that becomes YAML, best first."""
    yield path.with_suffix(".yaml")
    yield path.with_name(f"{path.name}.yaml")
    for number in count(2):
        yield path.with_name(f"{path.name}-{number}.yaml")


def _base(source: Path) -> Path:
    """The imported folder, or the folder of the imported file, with links resolved as in reading."""
    whole = source.resolve()
    return whole if whole.is_dir() else whole.parent


def _below(name: str, base: Path | None) -> Path:
    """A file's path relative to ``base``. A link keeps its own path, not its target's: it becomes a file there."""
    return Path(name) if base is None else (Path.cwd() / name).relative_to(base)
