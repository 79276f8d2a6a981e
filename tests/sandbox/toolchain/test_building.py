"""How tools are built beside each other, with a `go` that only pretends."""

import json
import os
import threading
import time
from pathlib import Path

import pytest

from sandbox.errors import ToolchainError
from sandbox.toolchain import build, cache, catalog, golang
from sandbox.toolchain.catalog import RECIPES, Recipe
from tests.sandbox.waiting import wait_for

GO = """#!/bin/sh
case "$1" in
  list) echo "$MODULE" ;;
  mod) ;;
  build)
    while [ "$1" != -o ]; do shift; done
    name=$(basename "$2")
    echo "$name" >> "$JOURNAL"
    case "$name" in
      broken) until grep -q endless "$JOURNAL"; do sleep 0.05; done; echo "no such package"; exit 1 ;;
      endless) exec sleep 600 ;;
      *) cat ./*.json > "$2" 2> /dev/null || echo built > "$2" ;;
    esac ;;
esac
"""


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the pretending `go` writes each build's name to; caches and modules are the test's own."""
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    go.write_text(GO)
    go.chmod(0o755)
    monkeypatch.setattr(golang, "command", lambda _: go)
    monkeypatch.setattr(catalog, "MODULES", tmp_path / "modules")
    monkeypatch.setenv("EKS_FEDERATION_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("JOURNAL", str(tmp_path / "journal"))
    monkeypatch.setenv("MODULE", str(tmp_path / "module"))
    return tmp_path / "journal"


def recipe(tmp_path: Path, tool: str, **settings: object) -> Recipe:
    folder = tmp_path / "modules" / tool
    folder.mkdir(parents=True)
    for name in ("go.mod", "go.sum", "main.go"):
        (folder / name).write_text(tool)
    return Recipe(tool=tool, folder_name=tool, packages={tool: "."}, **settings)  # type: ignore[arg-type]


def test_the_longest_build_begins_first() -> None:
    minutes = [each.minutes for each in build.by_length(RECIPES)]
    assert minutes == sorted(minutes, reverse=True)


def test_as_many_builds_run_beside_each_other_as_there_are_cores(
    tmp_path: Path, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    made = [recipe(tmp_path, tool, minutes=length) for tool, length in (("short", 1), ("long", 3), ("middle", 2))]
    build.make_all(made, lambda _: None)
    assert journal.read_text().split() == ["long", "middle", "short"]


def test_a_failed_build_ends_the_one_beside_it_and_leaves_nothing(tmp_path: Path, journal: Path) -> None:
    made = [recipe(tmp_path, "endless", minutes=2), recipe(tmp_path, "broken", minutes=1), recipe(tmp_path, "never")]
    started = time.monotonic()
    with pytest.raises(ToolchainError, match=r"(?s)build.*failed in .*broken:.*no such package"):
        build.make_all(made, lambda _: None)
    assert time.monotonic() - started < 60
    assert sorted(journal.read_text().split()) == ["broken", "endless"]
    assert [each for each in made if cache.is_complete(each.key)] == []


def test_a_program_is_built_beside_the_documents_of_its_module(tmp_path: Path, journal: Path) -> None:
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "schema.json").write_text('{"name": "x", "version": ""}')
    documents = {"schema.json": ("schema.json", {"version": "1.2.3"})}
    made = recipe(tmp_path, "provider", module="example.org/provider", documents=documents)
    build.make_all([made], lambda _: None)
    folder = cache.root() / made.key
    assert json.loads((folder / "provider").read_text()) == {"name": "x", "version": "1.2.3"}
    assert [path.name for path in folder.iterdir()] == ["provider"]
    assert not (made.folder / "schema.json").exists()


def test_two_checkouts_at_once_build_nothing_twice(tmp_path: Path, journal: Path) -> None:
    made = [recipe(tmp_path, "first", minutes=2), recipe(tmp_path, "second", minutes=1)]
    threads = [threading.Thread(target=build.make_all, args=(made, lambda _: None)) for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_for(lambda: not any(thread.is_alive() for thread in threads), seconds=60)
    assert sorted(journal.read_text().split()) == ["first", "second"]
