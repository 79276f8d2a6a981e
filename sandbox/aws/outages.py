"""Make AWS's APIs fail on demand, by region and service, and count the requests to them.

A request belongs to the region and the service of its signature. Global services are signed for us-east-1 from every
region, so a failing region does not include them: they fail by name only.
"""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from sandbox.errors import SandboxError

How = Literal["refuse", "hang", "throttle", "slow"]
"""No answer on a closed connection; none at all; AWS's throttling error; a late answer."""

WAYS: tuple[How, ...] = get_args(How)
GLOBAL = ("iam", "route53")
GLOBAL_REGION = "us-east-1"
WORLD = "global"
"""The region under which requests to services that have none are counted."""

APIS = ("autoscaling", "ec2", "eks", "elasticloadbalancing", *GLOBAL, "s3", "sts")
"""The signing names that `--apis` takes."""

SLOW_SECONDS = 3.0
_ALL = "*"


@dataclass(slots=True)
class _Count:
    number: int = 0
    last: str = ""


@dataclass(slots=True)
class Outages:
    """The outages by region and API, and the number of requests to each; thread-safe."""

    _changed: threading.Condition = field(default_factory=threading.Condition)
    _failing: dict[tuple[str, str], How] = field(default_factory=dict)
    _counts: dict[tuple[str, str], _Count] = field(default_factory=dict)
    _closed: bool = False

    def fail(self, region: str, apis: tuple[str, ...], how: How) -> None:
        """Make a region's APIs fail; all of the region's own when none is named.

        Raises `SandboxError` for an API that is not known, and for a global one outside of its signing region.
        """
        if unknown := [api for api in apis if api not in APIS]:
            raise SandboxError(f"no API {unknown[0]} (APIs: {', '.join(APIS)})")
        if region != GLOBAL_REGION and (worldwide := [api for api in apis if api in GLOBAL]):
            raise SandboxError(
                f"{worldwide[0]} is one for the world, and its requests are signed for {GLOBAL_REGION}: "
                f"fed sandbox fail {GLOBAL_REGION} --apis {worldwide[0]}"
            )
        with self._changed:
            self._failing |= dict.fromkeys([(region, api) for api in apis or (_ALL,)], how)
            self._changed.notify_all()

    def heal(self, region: str = "") -> list[str]:
        """End the outages of a region, or of all; returns the regions that had some."""
        with self._changed:
            healed = [key for key in self._failing if region in ("", key[0])]
            for key in healed:
                del self._failing[key]
            self._changed.notify_all()
        return sorted({where for where, _ in healed})

    def close(self) -> None:
        """Release every request that hangs."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def effect(self, region: str, service: str) -> How | None:
        """Return how a service fails; a request that is slow or hangs has to `wait`."""
        with self._changed:
            return self._effect(region, service)

    def wait(self, region: str, service: str) -> bool:
        """Delay a request by its service's outage; returns whether it may be answered after that."""
        with self._changed:
            if self._effect(region, service) == "slow":
                self._changed.wait_for(lambda: self._closed, SLOW_SECONDS)
            else:
                self._changed.wait_for(lambda: self._closed or self._effect(region, service) != "hang")
            return not self._closed

    def count(self, region: str, service: str) -> None:
        """Count a request to a service, whatever its result."""
        with self._changed:
            entry = self._counts.setdefault((WORLD if service in GLOBAL else region, service), _Count())
            entry.number, entry.last = entry.number + 1, datetime.now(UTC).isoformat(timespec="milliseconds")

    def failing(self) -> list[dict[str, Any]]:
        """List what fails: region, API (`*` for all of the region's own), how."""
        with self._changed:
            return [{"region": key[0], "api": key[1], "how": how} for key, how in sorted(self._failing.items())]

    def requests(self) -> list[dict[str, Any]]:
        """List the services that had requests: region, service, how many, when last."""
        with self._changed:
            return [
                {"region": region, "service": service, "count": entry.number, "last": entry.last}
                for (region, service), entry in sorted(self._counts.items())
            ]

    def _effect(self, region: str, service: str) -> How | None:
        if service in GLOBAL:  # with a custom endpoint, SDKs sign for whatever region they are given
            return self._failing.get((GLOBAL_REGION, service))
        return self._failing.get((region, service), self._failing.get((region, _ALL)))
