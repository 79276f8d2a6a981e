import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.toolchain import catalog
from sandbox.toolchain.catalog import RECIPES

ETCD = next(recipe for recipe in RECIPES if recipe.tool == "etcd")
PROVIDER = next(recipe for recipe in RECIPES if recipe.tool == "pulumi-kubernetes")


@pytest.mark.parametrize("file", ["go.mod", "go.sum", "main.go"])
def test_another_version_or_source_lies_under_another_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    before = PROVIDER.key
    shutil.copytree(PROVIDER.folder, tmp_path / PROVIDER.folder_name)
    monkeypatch.setattr(catalog, "MODULES", tmp_path)
    assert PROVIDER.key == before
    with (tmp_path / PROVIDER.folder_name / file).open("a") as text:
        text.write("\n// changed\n")
    assert PROVIDER.key != before


def test_another_reported_version_lies_under_another_key() -> None:
    documents = {"schema.json": ("schema.json", {"version": "9.9.9"})}
    assert replace(PROVIDER, documents=documents).key != PROVIDER.key


def test_other_linker_flags_lie_under_another_key() -> None:
    assert replace(ETCD, ldflags="").key != ETCD.key


def test_no_two_recipes_yield_the_same_file() -> None:
    products = [name for recipe in RECIPES for name in recipe.products]
    assert len(products) == len(set(products))
