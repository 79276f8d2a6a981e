"""How does a call say no in the service's own shape?

moto serialises its ServiceException by the service's model, but looks for the model under the module the class is
from; one of our own class leaves it at the service that was asked.
"""

from moto.core.exceptions import ServiceException


class RefusalError(ServiceException):  # type: ignore[misc] # moto is not followed by mypy
    """An AWS error: a code that the service knows, and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
