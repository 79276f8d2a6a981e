"""Wait for an API server as the official component does: in updates, when `endpointPublicAccess` was given and true.

It asks for `/healthz` up to 60 times, five seconds apart, and goes on all the same after that. A program that gives the
argument waits five minutes in every update while the cluster does not answer.
"""

import asyncio
import ssl
import urllib.error
import urllib.request

ATTEMPTS = 60
PAUSE_SECONDS = 5.0
ANSWER_SECONDS = 2.0


async def wait(endpoint: str) -> None:
    """Return once the API server reports that it is healthy, or after the last attempt."""
    for attempt in range(ATTEMPTS):
        if attempt:
            await asyncio.sleep(PAUSE_SECONDS)
        if await asyncio.to_thread(_is_well, endpoint):
            return


def _is_well(endpoint: str) -> bool:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(f"{endpoint}/healthz", timeout=ANSWER_SECONDS, context=context) as response:  # noqa: S310 - EKS's endpoints are https
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False
