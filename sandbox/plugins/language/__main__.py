"""`python -m sandbox.plugins.language`."""

from sandbox.plugins.language import main

main()
