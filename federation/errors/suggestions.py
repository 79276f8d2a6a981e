"""Suggest the allowed word that a misspelt one is most like.

A remedy that names it saves a look into the documentation.
"""

import os.path
from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["counted", "listed", "nearest", "remedy"]

MAX_LISTED = 24


def nearest(word: str, allowed: Iterable[str], *, cutoff: float = 0.65) -> str:
    """The allowed word most like ``word``, upper and lower case aside; "" when none is.

    A prefix that all of them share (``Federated``) is ignored: it would make any two words alike. ``cutoff`` is the
    least likeness, from 0 to 1.
    """
    words = sorted(allowed)
    shared = os.path.commonprefix(words) if len(words) > 1 else ""  # noqa: RUF071 - letters, not parts of a path
    by_lower = {candidate.removeprefix(shared).lower(): candidate for candidate in words}
    matches = get_close_matches(word[:100].removeprefix(shared).lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[matches[0]] if matches else ""


def listed(allowed: Iterable[str]) -> str:
    """The allowed words, sorted, as people write a list; a long list is cut short."""
    words = sorted(allowed)
    shown = ", ".join(words[:MAX_LISTED])
    return f"{shown}, ... ({len(words)} in all)" if len(words) > MAX_LISTED else shown


def counted(count: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def remedy(word: str, allowed: Iterable[str]) -> str:
    """``did you mean "x"? (allowed: x, y)``, or only the allowed words."""
    words = sorted(allowed)
    likely = nearest(word, words)
    if not words:
        return "nothing is allowed here: remove it"
    return f'did you mean "{likely}"? (allowed: {listed(words)})' if likely else f"allowed: {listed(words)}"
