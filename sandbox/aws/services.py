"""Hand the running front's services to the calls behind it.

moto makes a response object for each request and passes it nothing but the request. So what belongs to the running
front travels in the request's environ. Nothing here is global: a second front would get its own.
"""

import threading
from dataclasses import dataclass, field
from typing import Any

from sandbox.aws.contract import ControlPlanes
from sandbox.aws.gate import PRINCIPAL, Environ
from sandbox.aws.principals import Principal

KEY = "sandbox.services"


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The control planes, and one lock for every call that checks before it changes something."""

    planes: ControlPlanes
    lock: threading.RLock = field(default_factory=threading.RLock)


def of(response: Any) -> Services:
    """Return the services of the front behind a moto response object."""
    services: Services = response.normalized_request.environ[KEY]
    return services


def principal_of(response: Any) -> Principal:
    """Return the principal that sent a moto response object's request."""
    environ: Environ = response.normalized_request.environ
    principal: Principal = environ[PRINCIPAL]
    return principal
