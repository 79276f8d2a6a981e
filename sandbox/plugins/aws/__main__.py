"""The process that the engine starts: `python -m sandbox.plugins.aws ENGINE`."""

from sandbox.plugins.aws import main

main()
