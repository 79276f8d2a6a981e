"""The input and the result of a division of replicas, shared by all strategies.

A strategy is a small value with one method, and ``distribute`` finds it by name. Strategies see no documents: which
preference a member matches is decided before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Division", "DivisionRequest", "Share", "Strategy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The limits of one member, in replicas; ``maximum``, ``capacity`` and ``current`` are ``None`` where not known.

    ``original`` is the member's first name, which decides the order among equals: a rename moves no replica.
    """

    member: str
    weight: int
    minimum: int
    maximum: int | None = None
    capacity: int | None = None
    current: int | None = None
    original: str = ""

    @property
    def turn(self) -> str:
        """The name that decides the order among equals."""
        return self.original or self.member


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionRequest:
    """``total`` replicas over ``shares``. ``key`` (``namespace/name``) decides the order among equals."""

    total: int
    shares: tuple[Share, ...]
    rebalance: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """Replicas and overflow by member, and the steps that led there as lines by member, in the order of the members'
    turns."""

    replicas: Mapping[str, int]
    overflow: Mapping[str, int]
    reasons: Mapping[str, list[str]]


class Strategy(Protocol):
    """A way to divide replicas."""

    def divide(self, request: DivisionRequest) -> Division:
        """Divide ``question.total``; every share's member is a key of the result."""
        ...
