"""`python -m sandbox.plugins.kubernetes`."""

from sandbox.plugins.kubernetes import main

main()
