"""What can go wrong between the stand-in and a cluster, each as one error that says what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class RefusedError(Exception):
    """Something that this stand-in, or the official provider, does not do; the text names it."""


class UnreachableError(Exception):
    """The API server did not answer, or nobody could log in to it."""


class CancelledWaitError(Exception):
    """The engine asked to stop while an object was waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One of the reasons the API server gives for refusing an object: where, and what is wrong there."""

    field: str
    message: str


class ApiError(Exception):
    """The API server answered with an error.

    `status` is the HTTP status, `reason` Kubernetes' own (`NotFound`, `AlreadyExists`, `Invalid`, ...), empty where
    the answer was not a Kubernetes `Status`.
    """

    def __init__(self, status: int, reason: str, message: str, causes: Sequence[Cause] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.causes = tuple(causes)

    @classmethod
    def of(cls, status: int, body: Any) -> "ApiError":
        """Make one of an answer: a Kubernetes `Status` as a tree, or whatever text came instead."""
        if not isinstance(body, Mapping):
            return cls(status, "", str(body).strip() or f"HTTP status {status} without a text")
        details = body.get("details") or {}
        causes = [
            Cause(field=cause.get("field", ""), message=cause.get("message", ""))
            for cause in details.get("causes") or []
        ]
        return cls(status, body.get("reason", ""), body.get("message", f"HTTP status {status}"), causes)

    @property
    def not_found(self) -> bool:
        """Whether the object itself, its namespace or its kind is missing."""
        return self.status == 404

    @property
    def kind_missing(self) -> bool:
        """Whether the API server knows no such kind: it answers in plain text then."""
        return self.status == 404 and not self.reason

    @property
    def conflict(self) -> bool:
        """Whether another field manager owns what was to be applied."""
        return self.status == 409 and self.message.startswith("Apply failed")


class NotReadyError(Exception):
    """An object was written but did not become ready; carries its last live form, so that the state keeps it."""

    def __init__(self, summary: str, reasons: Sequence[str], live: dict[str, Any]) -> None:
        super().__init__(summary)
        self.reasons = tuple(reasons)
        self.live = live
