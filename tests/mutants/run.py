"""Change the planner's decisions one at a time, and name each change that no test notices.

mutmut makes the changes and runs the tests of each changed function. Its changes of sentences are left out, since no
test asserts wording, and so are arguments left out or made None, which the type checker finds. The negation of
conditions is added. A change that no test notices fails this run, unless ``harmless.yaml`` says why it changes nothing
that matters.
"""

import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import libcst as cst
import yaml
from mutmut import __main__ as mutmut
from mutmut.mutation import mutators
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.runners import harness
from mutmut.state import state
from mutmut.stats import status_by_exit_code

HARMLESS: Final = Path(__file__).with_name("harmless.yaml")
NOTICED: Final = frozenset({"killed", "timeout", "segfault"})


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Survivor:
    """A change that no test notices."""

    file: str
    line: int
    change: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.change}"


def negations(node: cst.If | cst.IfExp | cst.CompIf | cst.While) -> Iterable[cst.CSTNode]:
    """The same branch under the opposite condition, where mutmut has no change of the condition itself."""
    if isinstance(node.test, cst.Comparison | cst.UnaryOperation):
        return
    test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield node.with_changes(test=cst.UnaryOperation(operator=cst.Not(), expression=test))


def names(node: cst.BaseString) -> Iterable[cst.CSTNode]:
    """Another value in place of a string that is a name or a key, so no sentence and no part of one."""
    if isinstance(node, cst.SimpleString) and " " not in node.value and any(map(str.isalnum, node.value)):
        yield next(iter(mutators.operator_string(node)))


def choose_operators() -> None:
    """Put the operators of this run in place of mutmut's."""
    left_out = (mutators.operator_string, mutators.operator_arg_removal)
    chosen: list[tuple[type, Callable[[Any], Iterable[Any]]]] = [
        (kind, operator) for kind, operator in mutators.mutation_operators if operator not in left_out
    ]
    chosen.append((cst.BaseString, names))
    chosen.extend((kind, negations) for kind in (cst.If, cst.IfExp, cst.CompIf, cst.While))
    mutators.mutation_operators[:] = chosen


def run_tests_of_the_room_first() -> None:
    """Let a mutant run the tests of its own room before others, and quick ones before slow ones."""
    arguments = harness.PytestRunner._pytest_args_regular_run

    def ordered(runner: harness.PytestRunner, tests: Iterable[str]) -> list[str]:
        room = room_of(os.environ.get("MUTANT_UNDER_TEST", ""))
        durations = state().duration_by_test
        chosen = sorted(tests, key=lambda name: (not name.startswith(room), durations.get(name, 0), name))
        return list(arguments(runner, chosen))

    harness.PytestRunner._pytest_args_regular_run = ordered


def room_of(mutant: str) -> str:
    """The folder of tests that mirrors the room of ``federation.plan.dns.weights.x_scaled__mutmut_1``; else ""."""
    parts = mutant.split(".")[:-2]
    return "/".join(["tests", *parts[1:], ""]) if len(parts) > 1 else ""


def survivor(name: str, path: Path) -> Survivor:
    """The change of a mutant, with its place in the file as it is."""
    diff = get_diff_for_mutant(name, path=path).splitlines()[3:]
    before = [line[1:].strip() for line in diff if line.startswith("-")]
    after = [line[1:].strip() for line in diff if line.startswith("+")]
    pairs = [(old, new) for old, new in zip_longest(before, after, fillvalue="") if old != new]
    old, new = (" ".join(filter(None, part)) for part in zip(*pairs, strict=True))
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next(iter(pairs))[0]
    line = next((number for number, text in enumerate(lines, 1) if text.strip() == first), 0)
    return Survivor(file=path.as_posix(), line=line, change=f"{old} -> {new}")


def outcomes() -> Iterator[tuple[str, Survivor | None]]:
    """Each mutant's outcome, and what it changes where no test noticed."""
    for data, name, code in mutmut.collect_source_file_mutation_data(mutant_names=())[0]:
        status = status_by_exit_code[code]
        yield status, None if status in NOTICED else survivor(name, Path(data.path))


def report() -> int:
    """Print the figures and the survivors; 1 where one of them is not known to be harmless."""
    found = list(outcomes())
    counted = Counter(status for status, _ in found)
    known = {(each["file"], each["change"]): each["reason"] for each in yaml.safe_load(HARMLESS.read_text()) or ()}
    survivors = sorted(each for _, each in found if each)
    new = [each for each in survivors if (each.file, each.change) not in known]
    stale = known.keys() - {(each.file, each.change) for each in survivors}
    for each in new:
        print(f"{each}\n")  # noqa: T201
    for file, change in sorted(stale):
        print(f"{file}: harmless.yaml names a change that is noticed, or not made: {change}\n")  # noqa: T201
    killed = sum(counted[status] for status in NOTICED)
    print(f"{len(found)} mutants, {killed} killed, {len(survivors)} survive, {len(new)} of them not in {HARMLESS.name}")  # noqa: T201
    return 1 if new or stale else 0


def main() -> int:
    """Run mutmut, then report. Arguments name mutants that alone are tried again."""
    if not sys.argv[1:]:
        shutil.rmtree("mutants", ignore_errors=True)  # an outcome is kept there, whatever the tests are now
    os.environ["CI"] = "true"  # the same examples for each mutant
    choose_operators()
    run_tests_of_the_room_first()
    mutmut.cli.main(["run", "--max-children", "1", *sys.argv[1:]], standalone_mode=False)
    return report()


if __name__ == "__main__":
    sys.exit(main())
