"""Entry point of ``fed``: print help and version at once, and load the commands for everything else.

Loading the commands takes some four tenths of a second; the overview needs none of them.
"""

import sys

from fed.terminal import overview

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    arguments = sys.argv[1:]
    if arguments in (["--help"], ["-h"], ["help"]):
        sys.stdout.write(overview.text())
        return
    if arguments == ["--version"]:
        from importlib import metadata

        sys.stdout.write(f"fed {metadata.version('eks-federation')}\n")
        return
    if arguments[:1] == ["help"]:
        sys.argv[1:] = [*arguments[1:], "--help"]
    from fed.main import main as run

    run()


if __name__ == "__main__":
    main()
