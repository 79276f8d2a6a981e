"""Tell whether a command runs in CI, where nobody watches: the one rule for every option whose default depends on it.

CI systems set the variable ``CI``, most of them to ``true`` and some to ``1`` or to their own name (``woodpecker``). So
any value counts but the ones that people write for no.
"""

from collections.abc import Mapping
from typing import Final

__all__ = ["VARIABLE", "chosen", "is_ci"]

VARIABLE: Final = "CI"
_NO: Final = frozenset({"", "0", "false", "no", "off"})


def is_ci(environment: Mapping[str, str]) -> bool:
    """Whether ``CI`` is set, and to something else than nothing, 0, false, no or off, in any case of letters."""
    return environment.get(VARIABLE, "").strip().lower() not in _NO


def chosen(environment: Mapping[str, str], *, option: bool | None) -> bool:
    """The ``option`` as the command line has it; where it has none, true in CI and false elsewhere."""
    return is_ci(environment) if option is None else option
