"""What ``pulumi up`` runs: the stack's settings, and from them the whole federation."""

from pathlib import Path

from stacks import program

program.run(Path(__file__).resolve().parent)
