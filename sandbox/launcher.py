"""Run `pulumi` in a shell of the sandbox: the real engine, on the copy of the current project.

A project outside the checkout, and commands that have nothing to do with a stack, are passed through as typed.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox import project_copy

DIRECTORY = ("-C", "--cwd")
CONFIG_FILE = "--config-file"
PATHS = (
    CONFIG_FILE,
    "--event-log",
    "--file",
    "--generate-code",
    "--import-file",
    "--out",
    "--plan",
    "--policy-pack",
    "--policy-pack-config",
    "--save-plan",
)
"""Options whose value is a path, relative to where the user stands."""
GLOBAL_VALUES = ("--color", "--verbose", "-v", "--tracing", "--profiling", "--memprofilerate", "--otel-traces")
WITHOUT_STACK = frozenset(
    {"about", "ai", "convert", "gen-completion", "help", "install", "login", "logout", "new", "org", "package"}
    | {"plugin", "policy", "schema", "version", "whoami"}
)


def main() -> None:
    """Replace this process by the real engine; arguments are its path, the checkout, the copies' folder, the user's."""
    real, checkout, copies, *typed = sys.argv[1:]
    arguments, notes = command(typed, Path.cwd(), Path(checkout), Path(copies))
    for note in notes:
        sys.stderr.write(f"sandbox: {note}\n")
    sys.stderr.flush()
    os.execv(real, [real, *arguments])  # noqa: S606 - the path was written by 'fed sandbox up'


def command(typed: Sequence[str], here: Path, checkout: Path, copies: Path) -> tuple[list[str], list[str]]:
    """Return the engine's arguments for what was typed in a folder, and notes for the user."""
    start, rest = _split_directory(typed, here)
    project = _project(start)
    inside = project is not None and project.is_relative_to(checkout) and not project.is_relative_to(copies)
    if project is None or not inside or _first_word(rest) in WITHOUT_STACK:
        return list(typed), []
    copy = copies / project.relative_to(checkout)
    notes = [f"{note}; set it with 'pulumi config set'" for note in project_copy.refresh(project, copy)]
    if _words(rest)[:2] in (["config", "set"], ["config", "rm"]):
        notes.append("the stack's config changes in the sandbox's copy only, which goes with 'fed sandbox down'")
    return ["--cwd", str(copy), *_absolute(rest, start, {project: copy})], notes


def _split_directory(typed: Sequence[str], here: Path) -> tuple[Path, list[str]]:
    rest: list[str] = []
    start, words = here, iter(typed)
    for word in words:
        option, equals, value = word.partition("=")
        if option in DIRECTORY:
            start = here / (value if equals else next(words, "."))
        else:
            rest.append(word)
            if word == "--":
                rest.extend(words)
    return start.resolve(), rest


def _project(start: Path) -> Path | None:
    return next((folder for folder in (start, *start.parents) if (folder / project_copy.PROJECT_FILE).is_file()), None)


def _first_word(arguments: Sequence[str]) -> str:
    return next(iter(_words(arguments)), "help")


def _words(arguments: Sequence[str]) -> list[str]:
    found: list[str] = []
    words = iter(arguments)
    for word in words:
        if not word.startswith("-"):
            found.append(word)
        elif word in GLOBAL_VALUES:
            next(words, None)
    return found


def _absolute(arguments: Sequence[str], start: Path, copied: Mapping[Path, Path]) -> list[str]:
    """The arguments with absolute paths. Files of a stack's settings are those of the project's copy."""

    def path(option: str, value: str) -> str:
        if "://" in value:
            return value
        found = (start / value).resolve() if option == CONFIG_FILE else start / value
        return str(copied.get(found.parent, found.parent) / found.name) if option == CONFIG_FILE else str(found)

    result: list[str] = []
    words = iter(arguments)
    for word in words:
        option, equals, value = word.partition("=")
        if option not in PATHS:
            result.append(word)
        elif equals:
            result.append(f"{option}={path(option, value)}")
        elif (following := next(words, None)) is None:
            result.append(word)
        else:
            result.extend((word, path(option, following)))
    return result
