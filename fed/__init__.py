"""The ``fed`` command."""
