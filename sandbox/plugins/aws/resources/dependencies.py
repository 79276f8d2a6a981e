"""Retry a deletion until its dependents are gone, as the official plugin does."""

from collections.abc import Callable

from botocore.exceptions import ClientError

from sandbox.plugins.aws.call import Call, code, unless_missing

_HELD = frozenset({"DependencyViolation", "DeleteConflict", "ResourceInUse", "InvalidIPAddress.InUse", "AuthFailure"})


def when_free(call: Call, identifier: str, delete: Callable[[], object]) -> None:
    """Delete a resource as soon as nothing depends on it; one that is gone already is no error.

    Raises AWS's own `ClientError` when it still refuses at the deadline.
    """

    def attempt() -> bool:
        try:
            unless_missing(delete)
        except ClientError as error:
            if code(error) not in _HELD or call.overdue():
                raise
            return False
        return True

    call.wait(f"{identifier} free to be deleted", attempt)
