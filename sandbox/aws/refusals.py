"""Raise service errors in the service's own shape.

moto serialises its ServiceException by the service's model, but looks for the model under the module of the
exception's class. A class defined here makes moto use the service of the request.
"""

from moto.core.exceptions import ServiceException


class RefusalError(ServiceException):  # type: ignore[misc] # moto is not followed by mypy
    """An AWS error: one of the service's codes, and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
