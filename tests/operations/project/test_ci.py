"""One rule says what CI is, and the command line stands over it."""

import ast

import pytest

from federation.operations.project import ci
from tests.places import ROOT


@pytest.mark.parametrize("value", ["true", "TRUE", "1", "yes", "woodpecker", " true "])
def test_any_value_of_ci_counts_that_does_not_say_no(value: str) -> None:
    assert ci.is_ci({"CI": value})


@pytest.mark.parametrize("value", ["", " ", "0", "false", "False", "no", "NO", "off"])
def test_a_value_of_ci_that_says_no_counts_as_none(value: str) -> None:
    assert not ci.is_ci({"CI": value})


def test_without_the_variable_it_is_no_ci() -> None:
    assert not ci.is_ci({"BUILD": "true"})


@pytest.mark.parametrize("environment", [{}, {"CI": "woodpecker"}])
def test_an_option_of_the_command_line_stands_over_the_environment(environment: dict[str, str]) -> None:
    assert ci.chosen(environment, option=True)
    assert not ci.chosen(environment, option=False)
    assert ci.chosen(environment, option=None) is bool(environment)


def test_nothing_else_reads_the_variable() -> None:
    readers = [
        path.relative_to(ROOT).as_posix()
        for folder in ("federation", "stacks", "fed")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value == ci.VARIABLE
    ]
    assert readers == ["federation/operations/project/ci.py"]
