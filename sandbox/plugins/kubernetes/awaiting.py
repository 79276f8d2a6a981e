"""How long does an operation wait for an object, and what does it say meanwhile?

Objects are looked at again and again until a deadline, soon at first and then four times a second: at the number of
objects that an engine works on at a time this is a few dozen cheap requests, and it has no gaps to miss an event in,
as watches have.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from sandbox.plugins.kubernetes import manifest, readiness
from sandbox.plugins.kubernetes.client import Client
from sandbox.plugins.kubernetes.errors import ApiError, NotReadyError, RefusedError, UnreachableError
from sandbox.plugins.kubernetes.journal import Journal

Tree = dict[str, Any]

DEFAULT_SECONDS: Final = 600.0
_FIRST_PAUSE: Final = 0.02
_LONGEST_PAUSE: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for an object: not at all, or for some seconds."""

    skip: bool
    seconds: float


def patience(inputs: Tree, requested: float) -> Patience:
    """Return how long to wait for an object: the resource's custom timeout, else its annotation, else 10 minutes.

    `requested` is the custom timeout in seconds, 0 for none. Raises `RefusedError` for an annotation that is no number.
    """
    written = manifest.annotation(inputs, manifest.TIMEOUT)
    if written and not written.isdigit():
        raise RefusedError(f'metadata.annotations["{manifest.TIMEOUT}"] is "{written}"; it must be whole seconds')
    return Patience(
        skip=manifest.annotation(inputs, manifest.SKIP_AWAIT) == "true",
        seconds=requested or float(written or 0) or DEFAULT_SECONDS,
    )


class Waiter:
    """Waits for objects of one cluster until they are ready or gone, or the engine cancels."""

    def __init__(self, client: Client, journal: Journal, cancelled: asyncio.Event) -> None:
        self._client = client
        self._journal = journal
        self._cancelled = cancelled

    async def ready(self, live: Tree, path: str, urn: str, how_long: Patience) -> Tree:
        """Wait until an object is ready and return its last live form.

        Raises `NotReadyError` at the deadline, at once if it can never be ready, and when the engine cancels.
        """
        if how_long.skip or not readiness.awaited(live):
            return live
        deadline = asyncio.get_running_loop().time() + how_long.seconds
        said: tuple[str, ...] = ()
        pause = _FIRST_PAUSE
        while True:
            verdict = readiness.judge(live, await self._beside(live))
            if verdict.status == "ready":
                if said:
                    await self._journal.status(urn, "")
                return live
            if verdict.status == "failed":
                raise await self._failure(live, "it failed", verdict.reasons)
            if verdict.reasons != said:
                said = verdict.reasons
                await self._journal.status(urn, "; ".join(said))
            if asyncio.get_running_loop().time() >= deadline:
                raise await self._failure(live, f"it was not ready after {how_long.seconds:g} s", verdict.reasons)
            pause = min(2 * pause, _LONGEST_PAUSE)
            if await self._pause(pause):
                raise await self._failure(live, "waiting for it was cancelled", verdict.reasons)
            try:
                live = await self._client.get(path)
            except UnreachableError as error:
                raise NotReadyError("the API server stopped answering", [str(error)], live) from error

    async def gone(self, path: str, uid: str, how_long: Patience) -> None:
        """Wait until an object is gone, or another has taken its place. Raises `RefusedError` at the deadline."""
        deadline = asyncio.get_running_loop().time() + how_long.seconds
        pause = _FIRST_PAUSE
        while True:
            try:
                live = await self._client.get(path)
            except ApiError as error:
                if error.not_found:
                    return
                raise
            found = manifest.metadata(live)
            if found.get("uid") != uid:
                return
            if asyncio.get_running_loop().time() >= deadline:
                left = ", ".join(found.get("finalizers") or []) or "none"
                raise RefusedError(f"it is not gone after {how_long.seconds:g} s; finalizers left: {left}")
            pause = min(2 * pause, _LONGEST_PAUSE)
            if await self._pause(pause):
                raise RefusedError("waiting for its deletion was cancelled; the deletion itself goes on")

    async def _pause(self, seconds: float) -> bool:
        """Wait a moment; True if the engine has cancelled."""
        try:
            await asyncio.wait_for(self._cancelled.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _beside(self, live: Tree) -> readiness.Beside:
        found = manifest.metadata(live)
        if live.get("kind") == "Service" and readiness.wants_pods(live):
            collection = f"/apis/discovery.k8s.io/v1/namespaces/{quote(found['namespace'])}/endpointslices"
            selector = {"labelSelector": f"kubernetes.io/service-name={found['name']}"}
            slices = (await self._client.get(collection, parameters=selector)).get("items") or []
            return readiness.Beside(slices=slices)
        if live.get("kind") == "PersistentVolumeClaim":
            return readiness.Beside(binding_mode=await self._binding_mode(live))
        return readiness.NOTHING

    async def _binding_mode(self, claim: Tree) -> str:
        name = (claim.get("spec") or {}).get("storageClassName")
        if not name:
            # Nothing will ever bind it by itself, so there is nothing to wait for.
            return "none"
        try:
            storage_class = await self._client.get(f"/apis/storage.k8s.io/v1/storageclasses/{quote(name)}")
        except ApiError:
            return ""
        return str(storage_class.get("volumeBindingMode", "Immediate"))

    async def _failure(self, live: Tree, summary: str, reasons: tuple[str, ...]) -> NotReadyError:
        return NotReadyError(summary, [*reasons, *await self._complaints(live)], live)

    async def _complaints(self, live: Tree) -> list[str]:
        labels = ((live.get("spec") or {}).get("selector") or {}).get("matchLabels")
        if not labels:
            return []
        namespace = quote(manifest.metadata(live)["namespace"])
        selector = {"labelSelector": ",".join(f"{key}={value}" for key, value in labels.items())}
        try:
            pods = await self._client.get(f"/api/v1/namespaces/{namespace}/pods", parameters=selector)
        except (ApiError, UnreachableError) as error:
            return [f"its pods could not be listed: {error}"]
        return readiness.complaints(pods.get("items") or [])
