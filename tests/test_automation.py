"""CI, the hooks before a commit and the pages run commands that exist, and all of them run the same checks."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.places import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TYPED = re.compile(r"^(?:[A-Z_]+=\S+ )?make (?P<target>[a-z][a-z-]*)|`make (?P<quoted>[a-z][a-z-]*)[` ]", re.MULTILINE)
OF_THE_HOOKS = {"--force-exclude"}
"""Ruff gets the names of changed files from a hook, and leaves out what it leaves out of its own search."""


def recipes() -> dict[str, list[str]]:
    """By target, the lines of its recipe without ``@``."""
    found: dict[str, list[str]] = {}
    for line in MAKEFILE.splitlines():
        if named := re.match(r"(?P<target>[\w$()-]+):(?!=)", line):
            recipe = found.setdefault(named["target"], [])
        elif line.startswith("\t"):
            recipe.append(line.strip().removeprefix("@"))
    return {name: recipe for name, recipe in found.items() if not name.startswith("$")}


def needed(target: str) -> list[str]:
    """The targets that ``target`` is made from."""
    (line,) = re.findall(rf"^{target}:(.*?)(?:##.*)?$", MAKEFILE, re.MULTILINE)
    return str(line).split()


def commands(path: Path) -> Iterator[str]:
    """The commands of a workflow."""
    for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values():
        for step in job["steps"]:
            yield from str(step.get("run", "")).splitlines()


def words(command: str) -> frozenset[str]:
    """A command without the files that it is given."""
    return frozenset(shlex.split(command.replace("$(SOURCES)", ""))) - OF_THE_HOOKS


def hooks() -> list[str]:
    tree = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    return [hook["entry"] for repository in tree["repos"] for hook in repository["hooks"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_command_of_a_workflow_is_a_target_of_the_makefile(path: Path) -> None:
    found = list(commands(path))
    assert found
    assert [line for line in found if line.split()[0] != "make" or line.split()[1] not in recipes()] == []


def test_ci_runs_what_a_clean_checkout_has_to_pass() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    asked = [line for line in script if line.startswith("make ")]
    assert asked == ["make check", "make test"]
    assert sorted(asked) == sorted(line for path in WORKFLOWS for line in commands(path))


def test_the_hooks_are_the_checks_of_make_check() -> None:
    checks = {words(line) for line in recipes()["check"]}
    checks |= {frozenset({"make", target}) for target in needed("check") if target != "install"}
    assert {words(entry) for entry in hooks()} == checks
    assert len(hooks()) == len(checks) == 4


def test_every_command_that_a_page_gives_is_a_target_of_the_makefile() -> None:
    given = [
        (page.name, match["target"] or match["quoted"]) for page in PAGES for match in TYPED.finditer(page.read_text())
    ]
    assert len({target for _, target in given}) > 8
    assert [each for each in given if each[1] not in recipes()] == []


def test_every_target_is_phony_and_says_what_it_does() -> None:
    phony = set(needed(r"\.PHONY"))
    assert phony == recipes().keys()
    assert phony == set(re.findall(r"^([a-z-]+):.*## \S", MAKEFILE, re.MULTILINE))


def test_types_are_checked_wherever_the_linter_looks() -> None:
    (line,) = re.findall(r"^SOURCES := (.*)$", MAKEFILE, re.MULTILINE)
    assert set(line.split()) - set(PROJECT["tool"]["mypy"]["files"]) == {"benchmarks"}
    assert [name for name in line.split() if not (ROOT / name).exists()] == []
