"""Load the side of a comparison that a word on the command line names.

It is a plan file, a folder of rendered files, a project's folder, or a revision of the project. The files of a revision
are taken out of git into a temporary folder and planned there. Neither the work tree nor the index is touched.
"""

import io
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from federation.api.reading import loading
from federation.errors.fault import Fault, FaultsFoundError, FederationError
from federation.operations.project import settings
from federation.plan import planner
from federation.plan.model import serialise
from federation.plan.model.observed import Observed
from federation.plan.views import compare
from federation.plan.views.compare import Side

__all__ = ["MARKER", "RECORDS", "NotComparableError", "read_side"]

RECORDS = "records.json"
MARKER = ".made-by-fed"


class NotComparableError(FederationError):
    """The named side is nothing that can be compared, or cannot be planned."""

    exit_code = 2

    def __init__(self, message: str, faults: tuple[Fault, ...] = ()) -> None:
        self.faults = faults
        super().__init__(message)


def read_side(word: str, stack: str, start: Path, observed: Observed) -> Side:
    """The side that ``word`` names: a path (relative to ``start``), or else a revision of the project around ``start``.

    Where it is a project, its ``stack`` is planned by the ``observed`` state. Raises ``NotComparableError`` when that
    fails.
    """
    path = start / word
    try:
        if path.is_file():
            return _plan_file(path)
        if (path / "Pulumi.yaml").is_file():
            return _planned(path, stack, observed)
        if path.is_dir() and (root := _project_around(path, start)):
            return _planned(root, stack, observed)
        if path.is_dir():
            return _rendered(path)
        return _revision(word, stack, settings.find_project(start), observed)
    except NotComparableError:
        raise
    except FaultsFoundError as error:
        raise NotComparableError(f"{word}: {error}", error.faults) from None
    except FederationError as error:
        msg = f"{word}: {error}"
        raise NotComparableError(msg) from None
    except (OSError, RecursionError, tarfile.TarError) as error:
        msg = f"{word} cannot be read: {error}"
        raise NotComparableError(msg) from None


def _project_around(path: Path, start: Path) -> Path | None:
    """The project around ``path``, where that is the current folder or one above it."""
    if (path / MARKER).is_file() or path.resolve() not in (start.resolve(), *start.resolve().parents):
        return None
    try:
        return settings.find_project(path.resolve())
    except settings.StackNotFoundError:
        return None


def _plan_file(path: Path) -> Side:
    try:
        text = path.read_text(encoding="utf-8")
        # JSON is read as such because it is a hundred times faster than as YAML.
        tree = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
        return compare.of_plan(tree)
    except (OSError, ValueError, yaml.YAMLError, LookupError, TypeError, AttributeError):
        msg = f"{path.name} is not a plan file; write one by `fed plan --output json > FILE`"
        raise NotComparableError(msg) from None


def _planned(root: Path, stack: str, observed: Observed) -> Side:
    read = settings.read_stack(root, stack)
    return compare.of_plan(serialise.to_tree(planner.plan(read.federation, read.documents, observed)))


def _rendered(folder: Path) -> Side:
    members = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    if not members:
        msg = (
            f"{folder.name} contains neither a project (Pulumi.yaml) nor members' folders, as `fed render --out` makes"
        )
        raise NotComparableError(msg)
    manifests = {each.name: _manifests(each) for each in members}
    records = folder / RECORDS
    try:
        # `fed render` writes them whenever it writes all members.
        planned_records = json.loads(records.read_text(encoding="utf-8")) if records.is_file() else None
        return compare.of_manifests(manifests, planned_records)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        msg = f"{folder.name} contains files that `fed render` does not write; make it again"
        raise NotComparableError(msg) from None


def _manifests(folder: Path) -> list[Mapping[str, Any]]:
    return [each.tree for each in loading.trees_of([folder], root=folder.parent)]


def _revision(word: str, stack: str, root: Path, observed: Observed) -> Side:
    if _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{word}^{{commit}}") is None:
        msg = f"{word!r} is not a file, a folder or a git revision (allowed: a plan file, a folder, a revision)"
        raise NotComparableError(msg)
    data = _git(root, "archive", "--format=tar", word, ".")
    if data is None:
        msg = f"{word} does not contain the project: git has no files of this folder there"
        raise NotComparableError(msg)
    with tempfile.TemporaryDirectory(prefix="fed-diff-") as folder:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            archive.extractall(folder, filter=partial(_inside, root))  # noqa: S202 -- the filter keeps all of it inside
        settings.check_stack(Path(folder), stack, at=f"revision {word}")
        return _planned(Path(folder), stack, observed)


def _inside(root: Path, entry: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    """The entry, if it stays inside of ``folder``. A link out of the project is not part of the revision: its target is
    resolved from ``root``, so that both sides read the same file.
    """
    try:
        return tarfile.data_filter(entry, folder)
    except (tarfile.AbsoluteLinkError, tarfile.LinkOutsideDestinationError):
        target = (root / entry.name).parent / entry.linkname
        return entry.replace(linkname=str(target), deep=False) if entry.issym() else None
    except tarfile.FilterError:
        return None


def _git(root: Path, *arguments: str) -> bytes | None:
    """The output of git in the project's folder; ``None`` when it fails."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    except FileNotFoundError:
        raise NotComparableError("there is no `git` on PATH, so revisions cannot be read") from None
    return done.stdout if done.returncode == 0 else None
