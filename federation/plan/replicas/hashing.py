"""The hash that decides the order of members with equal weight.

It is the 32 bit FNV-1 hash of the member's name and the workload's key, because KubeFed uses it: the last replica of an
uneven division goes to the same cluster here as there. FNV-1 multiplies first and then xors; FNV-1a does the reverse,
and gives another order. ``hash()`` is never used, since it differs from one run to the next.
"""

from functools import lru_cache

__all__ = ["fnv1"]

_OFFSET = 0x811C9DC5
_PRIME = 0x01000193
_MASK = 0xFFFFFFFF


def fnv1(text: str, key: str = "") -> int:
    """The FNV-1 32 bit hash of the UTF-8 bytes of ``text`` followed by ``key``, without a separator."""
    return _continue(_start(text), key)


@lru_cache(maxsize=4096)
def _start(text: str) -> int:
    # The hash of every workload begins with the member's name, so that part is cached.
    return _continue(_OFFSET, text)


def _continue(state: int, text: str) -> int:
    for byte in text.encode():
        state = ((state * _PRIME) & _MASK) ^ byte
    return state
