"""How many examples a property test tries: all of them in `make test`, fewer in `make test-fast`."""

import os
from typing import Final

__all__ = ["examples"]

ALL: Final = bool(os.environ.get("ALL_EXAMPLES"))


def examples(everything: int, quick: int) -> int:
    """The number for this run; ``ALL_EXAMPLES=1`` asks for ``everything``."""
    return everything if ALL else quick
