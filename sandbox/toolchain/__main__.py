"""`python -m sandbox.toolchain` makes every tool; `--check` only says what is missing and why (exit code 1)."""

import sys

from sandbox.errors import ToolchainError
from sandbox.toolchain import build

USAGE = "usage: python -m sandbox.toolchain [--check]"


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(f"{USAGE}\n")
        return 2
    if arguments:
        lines = build.missing()
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        return 1 if lines else 0
    try:
        build.ensure(_report)
    except ToolchainError as error:
        sys.stderr.write(f"sandbox.toolchain: {error}\n")
        return 1
    return 0


def _report(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
