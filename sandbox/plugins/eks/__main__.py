"""The process that the engine starts: `python -m sandbox.plugins.eks ENGINE`."""

from sandbox.plugins.eks import main

main()
