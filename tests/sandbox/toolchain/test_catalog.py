import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.toolchain import catalog
from sandbox.toolchain.catalog import RECIPES

ETCD = next(recipe for recipe in RECIPES if recipe.tool == "etcd")


@pytest.mark.parametrize("file", ["go.mod", "go.sum"])
def test_another_version_lies_under_another_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    before = ETCD.key
    shutil.copytree(ETCD.folder, tmp_path / "etcd")
    monkeypatch.setattr(catalog, "MODULES", tmp_path)
    assert ETCD.key == before
    with (tmp_path / "etcd" / file).open("a") as text:
        text.write("\n// changed\n")
    assert ETCD.key != before


def test_other_linker_flags_lie_under_another_key() -> None:
    assert replace(ETCD, ldflags="").key != ETCD.key


def test_no_two_recipes_yield_the_same_file() -> None:
    products = [name for recipe in RECIPES for name in recipe.products]
    assert len(products) == len(set(products))
