"""No function of the planner takes more than four parameters: what belongs together is one value."""

import ast
from collections.abc import Iterator

from tests.places import ROOT

MOST = 4


def functions() -> Iterator[tuple[str, ast.arguments]]:
    """Every function, method and lambda of the planner, with its parameters."""
    for path in sorted((ROOT / "federation" / "plan").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                name = "lambda" if isinstance(node, ast.Lambda) else node.name
                yield f"{path.relative_to(ROOT)}:{node.lineno} {name}", node.args


def count(arguments: ast.arguments) -> int:
    """The parameters, without ``self`` and ``cls``; a list of any length is one."""
    plain = [*arguments.posonlyargs, *arguments.args]
    own = plain[1:] if plain and plain[0].arg in {"self", "cls"} else plain
    others = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return len(own) + len(arguments.kwonlyargs) + len(others)


def test_no_function_takes_more_than_four_parameters() -> None:
    found = list(functions())
    assert len(found) > 500
    assert [place for place, arguments in found if count(arguments) > MOST] == []


def test_parameters_of_every_form_count() -> None:
    [function] = ast.parse("def f(self, a, /, b, *c, d, **e): ...").body
    assert isinstance(function, ast.FunctionDef)
    assert count(function.args) == 5
