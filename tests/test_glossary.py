"""Names, messages and pages use the words of the glossary, and each class of the library has a name of its own."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.places import ROOT

WORDS: Final[Any] = yaml.safe_load((ROOT / "tests" / "cases" / "glossary" / "words.yaml").read_text())
CODE: Final = ("federation", "fed", "stacks", "examples", "package")
PAGES: Final = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs")
TESTS: Final = ("tests/api", "tests/components", "tests/fed", "tests/migration", "tests/operations", "tests/stacks")
NAMES: Final = frozenset(WORDS["names"])
FUNCTIONS: Final = re.compile(rf"^ *(?:async )?def ({'|'.join(WORDS['functions'])})\(", re.MULTILINE)
TEST: Final = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
PATTERNS: Final = {word: WORDS["patterns"].get(word, word) for word in WORDS["phrases"]}
PHRASES: Final = {word: re.compile(rf"\b{pattern}\b", re.IGNORECASE) for word, pattern in PATTERNS.items()}
ANY_PHRASE: Final = re.compile(rf"\b(?:{'|'.join(PATTERNS.values())})\b", re.IGNORECASE)
QUESTION: Final = re.compile(r"\w\?(?:\s|\"\"\"|$)")
CLASS: Final = re.compile(r"^ *class (\w+)", re.MULTILINE)
PARTS: Final = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
CODE_IN_PAGES: Final = re.compile(r"`[^`]*`|\]\([^)]*\)|<!--.*?-->")

Found = tuple[int, str]  # a line and the word in it
Place = tuple[str, int, str]  # a file, a line and the word in it


def files(*roots: str, suffix: str) -> Iterator[Path]:
    for root in map(ROOT.joinpath, roots):
        yield from [root] if root.is_file() else sorted(root.rglob(f"*{suffix}"))


@cache
def text_of(path: Path) -> str:
    return path.read_text()


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All nodes of a module."""
    return tuple(ast.walk(ast.parse(text_of(path))))


def has_old_name(path: Path) -> bool:
    """Whether the text has an old word at all. Most modules have none, and are not parsed, which takes long."""
    return not NAMES.isdisjoint(map(str.lower, PARTS.findall(text_of(path))))


def names(tree: Iterable[ast.AST]) -> Iterator[Found]:
    """The names that a module defines, each with its line."""
    for node in tree:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield node.lineno, name


def texts(tree: Iterable[ast.AST]) -> Iterator[Found]:
    """The docstrings and messages of a module, line by line."""
    for node in tree:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for number, line in enumerate(node.value.splitlines()):
                yield node.lineno + number, line


def old_names(tree: Iterable[ast.AST]) -> Iterator[Found]:
    for line, name in names(tree):
        for part in PARTS.findall(name):
            if part.lower() in NAMES:
                yield line, part.lower()


def old_phrases(lines: Iterator[Found]) -> Iterator[Found]:
    for line, text in lines:
        if ANY_PHRASE.search(text):
            yield from ((line, key) for key, pattern in PHRASES.items() if pattern.search(text))


def page_lines(path: Path) -> Iterator[Found]:
    """The prose of a page: no code blocks, no code in a line, no link targets."""
    is_code = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif not is_code:
            yield number, CODE_IN_PAGES.sub(" ", line)


def is_allowed(name: str, word: str) -> bool:
    """Whether ``word`` stays in the file ``name``."""
    return any(
        word in words for place, words in WORDS["allowed"].items() if name == place or name.startswith(f"{place}/")
    )


@cache
def found_names() -> tuple[Place, ...]:
    return tuple(
        (path.relative_to(ROOT).as_posix(), line, word)
        for path in files(*CODE, suffix=".py")
        if has_old_name(path)
        for line, word in old_names(nodes(path))
    )


@cache
def found_messages() -> tuple[Place, ...]:
    return tuple(
        (path.relative_to(ROOT).as_posix(), line, word)
        for path in files(*CODE, suffix=".py")
        if ANY_PHRASE.search(text_of(path))
        for line, word in old_phrases(texts(nodes(path)))
    )


@cache
def found_in_pages() -> tuple[Place, ...]:
    return tuple(
        (path.relative_to(ROOT).as_posix(), line, word)
        for path in files(*PAGES, suffix=".md")
        for line, word in old_phrases(page_lines(path))
    )


@cache
def found_functions() -> tuple[Place, ...]:
    return tuple(
        (path.relative_to(ROOT).as_posix(), text_of(path).count("\n", 0, match.start(1)) + 1, match[1])
        for path in files(*CODE, suffix=".py")
        for match in FUNCTIONS.finditer(text_of(path))
    )


def found_tests() -> Iterator[Place]:
    for path in files(*TESTS, suffix=".py"):
        for match in TEST.finditer(text_of(path)):
            for word in NAMES & set(match[1].split("_")):
                yield path.relative_to(ROOT).as_posix(), text_of(path).count("\n", 0, match.start(1)) + 1, word


def advice(found: Iterable[Place], say: Mapping[str, str]) -> list[str]:
    return [f"{name}:{line}: {word} (say: {say[word]})" for name, line, word in found if not is_allowed(name, word)]


def test_names_in_code_are_those_of_the_glossary() -> None:
    assert advice(found_names(), WORDS["names"]) == []


def test_the_name_of_a_function_has_its_object() -> None:
    assert advice(found_functions(), dict.fromkeys(WORDS["functions"], "the verb with its object")) == []


def test_names_of_tests_are_those_of_the_glossary() -> None:
    assert advice(found_tests(), WORDS["names"]) == []


def test_messages_and_docstrings_use_the_words_of_the_glossary() -> None:
    assert advice(found_messages(), WORDS["phrases"]) == []


def test_pages_use_the_words_of_the_glossary() -> None:
    assert advice(found_in_pages(), WORDS["phrases"]) == []


def test_each_word_that_stays_is_still_there() -> None:
    found = {
        (name, word)
        for each in (found_names(), found_functions(), found_messages(), found_in_pages())
        for name, _, word in each
    }
    unused = [
        f"{place}: {word}"
        for place, words in WORDS["allowed"].items()
        for word in words
        if not any(word == old and (name == place or name.startswith(f"{place}/")) for name, old in found)
    ]
    assert unused == []


def test_docstrings_have_no_questions() -> None:
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    found = [
        f"{path.relative_to(ROOT)}: {text.partition('?')[0]}?"
        for path in files(*CODE, suffix=".py")
        if QUESTION.search(text_of(path))
        for node in nodes(path)
        if isinstance(node, documented) and QUESTION.search(text := ast.get_docstring(node) or "")
    ]
    assert found == []


def test_each_class_of_the_library_has_a_name_of_its_own() -> None:
    places = defaultdict(list)
    for path in files("federation", suffix=".py"):
        name = path.relative_to(ROOT).as_posix()
        for each in CLASS.findall(text_of(path)):
            if each not in WORDS["classes"].get(name, ()):
                places[each].append(name)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def told(asked): held_before = 1", [(1, "told"), (1, "asked"), (1, "held")]),
        ("class HeldMember: threshold = 1", [(1, "held")]),
        ("taller = upheld = fold = 1", []),
    ],
)
def test_a_name_is_found_by_its_parts_and_never_inside_a_part(text: str, found: list[Found]) -> None:
    assert sorted(old_names(ast.walk(ast.parse(text)))) == sorted(found)


def test_a_phrase_is_found_by_whole_words() -> None:
    lines = iter([(1, "It is held, and not upheld any More."), (2, "a threshold, and many more")])
    assert sorted(old_phrases(lines)) == [(1, "any more"), (1, "held")]


@pytest.mark.parametrize(
    ("text", "found"), [("it is no member", True), ("there is no member", False), ("it is no longer one", False)]
)
def test_a_pattern_leaves_good_english_alone(text: str, found: bool) -> None:
    assert bool(list(old_phrases(iter([(1, text)])))) is found
