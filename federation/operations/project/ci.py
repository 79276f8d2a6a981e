"""Tell whether a command runs in CI, by one rule for every option whose default depends on it.

CI has no user who watches, so such options have another default there. CI systems set the variable ``CI``, most of them
to ``true`` and some to ``1`` or to their own name (``woodpecker``). So any value counts, except the usual words for no.
"""

from collections.abc import Mapping
from typing import Final

__all__ = ["VARIABLE", "chosen", "is_ci"]

VARIABLE: Final = "CI"
_NO: Final = frozenset({"", "0", "false", "no", "off"})


def is_ci(environment: Mapping[str, str]) -> bool:
    """Whether ``CI`` is set to a value other than "", 0, false, no or off, in upper or lower case."""
    return environment.get(VARIABLE, "").strip().lower() not in _NO


def chosen(environment: Mapping[str, str], *, option: bool | None) -> bool:
    """The ``option`` of the command line; where it is not given, true in CI and false elsewhere."""
    return is_ci(environment) if option is None else option
