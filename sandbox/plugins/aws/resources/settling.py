"""Wait until a resource of EKS is ACTIVE; report EKS's own reasons when it fails."""

from collections.abc import Callable, Collection
from typing import Any

from sandbox.plugins.aws.call import Call, WaitFailedError
from sandbox.plugins.aws.schema import Tree


def until_active(
    call: Call,
    what: str,
    describe: Callable[[], Any],
    *,
    failed: Collection[str],
    ready: Collection[str] = ("ACTIVE",),
    reason: Callable[[Tree], str] = lambda issue: str(issue.get("message", "")),
) -> None:
    """Wait until `describe` returns a status in `ready`.

    Raises `WaitFailedError` with EKS's issues, each as `reason` writes it, at a status that is `failed`.
    """

    def active() -> bool:
        found = describe() or {}
        status = found.get("status")
        if status in failed:
            reasons = "; ".join(reason(issue) for issue in (found.get("health") or {}).get("issues", []))
            raise WaitFailedError(f"{what} is {status}: {reasons or 'EKS does not say why'}")
        return status in ready

    call.wait(f"{what} ACTIVE", active)
