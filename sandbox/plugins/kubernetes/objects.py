"""What is done to one object on a cluster: tried, created, updated, read, deleted?

Everything is written by server-side apply. What a call returns is the live object (or what a dry run says it would
be), with `managedFields`; what of that is kept is the caller's business.
"""

import asyncio
import copy
from dataclasses import dataclass
from typing import Any, Final

from sandbox.plugins.kubernetes import change, drift, manifest, ownership
from sandbox.plugins.kubernetes.awaiting import Patience, Waiter
from sandbox.plugins.kubernetes.client import Client
from sandbox.plugins.kubernetes.discovery import Discovery, Kind
from sandbox.plugins.kubernetes.errors import ApiError, RefusedError
from sandbox.plugins.properties import Path

Tree = dict[str, Any]

_SETTLE_SECONDS: Final = 10.0
"""How long a kind or namespace that is missing may take to appear: both may be on their way in the same update."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How an object is applied: as which field manager, and whether fields are taken from others."""

    manager: str
    force: bool
    ignored: tuple[Path, ...] = ()


class Objects:
    """The objects of one cluster. All methods raise `ApiError` and `UnreachableError`."""

    def __init__(self, client: Client, discovery: Discovery, waiter: Waiter, namespace: str) -> None:
        """`namespace` is where objects go that name none."""
        self._client = client
        self._discovery = discovery
        self._waiter = waiter
        self._namespace = namespace

    async def rehearse_create(self, inputs: Tree, manner: Manner) -> Tree | None:
        """Return what would become of an object if it were created now; None if nobody can tell yet.

        That is so while its kind does not exist. Where its namespace is missing it is tried in `default`, and where
        an object of its name stands that cannot become it (it is about to be replaced), under another name.
        """
        kind = await self._discovery.find(inputs["apiVersion"], inputs["kind"])
        if kind is None:
            return None
        namespace, name = self._where(inputs, kind)
        try:
            return await self._dry_run(kind, inputs, manner, namespace, name)
        except ApiError as error:
            if error.kind_missing:
                return None
            if _namespace_missing(error):
                moved = await self._dry_run(kind, inputs, manner, "default", name)
                moved["metadata"]["namespace"] = namespace
                return moved
            if not change.refused(error, [change.Change(path=("spec",), how="update")]):
                raise
        elsewhere = await self._dry_run(kind, inputs, manner, namespace, f"{name[:240]}-rehearsal")
        elsewhere["metadata"]["name"] = name
        return elsewhere

    async def rehearse_update(self, inputs: Tree, manner: Manner) -> Tree | None:
        """Return what would become of an object if it were updated now; None if its kind is gone.

        Raises `RefusedError` if the object itself is gone.
        """
        kind = await self._discovery.find(inputs["apiVersion"], inputs["kind"])
        if kind is None:
            return None
        namespace, name = self._where(inputs, kind)
        settled = await self._settled(kind, inputs, manner)
        return await self._dry_run(kind, settled, manner, namespace, name)

    async def create(self, inputs: Tree, manner: Manner, urn: str, how_long: Patience, *, upsert: bool) -> Tree:
        """Create an object and wait until it is ready. Raises `NotReadyError` if it exists but is not.

        Without `upsert`, one that exists already is refused (`RefusedError`).
        """
        kind = await self._kind(inputs)
        path = kind.path(*self._where(inputs, kind))
        if not upsert and await self._exists(path):
            raise RefusedError(
                f"{inputs['kind']} {manifest.identifier(inputs)} exists already; set the provider's "
                "`upsertExistingObjects` to adopt it, or import it with `pulumi import`"
            )
        live = await self._apply_soon(path, inputs, manner)
        return await self._waiter.ready(live, path, urn, how_long)

    async def update(self, inputs: Tree, manner: Manner, urn: str, how_long: Patience) -> Tree:
        """Update an object and wait until it is ready.

        Raises `NotReadyError` if it does not become so, `RefusedError` if it is gone.
        """
        kind = await self._kind(inputs)
        path = kind.path(*self._where(inputs, kind))
        settled = await self._settled(kind, inputs, manner)
        live = await self._client.apply(path, settled, manager=manner.manager, force=manner.force, dry_run=False)
        return await self._waiter.ready(live, path, urn, how_long)

    async def read(self, api_version: str, kind_name: str, namespace: str, name: str) -> Tree | None:
        """Return a live object; None if it, or its whole kind, is gone."""
        kind = await self._discovery.find(api_version, kind_name)
        if kind is None:
            return None
        try:
            return await self._client.get(kind.path(namespace or self._namespace, name))
        except ApiError as error:
            if error.not_found:
                return None
            raise

    async def drifted(self, inputs: Tree, live: Tree, manager: str) -> Tree:
        """Return the inputs of the last update, changed to what others have made of them since."""
        shown = drift.readable(inputs, live)
        if not drift.suspected(inputs, shown):
            return inputs
        kind = await self._kind(inputs)
        namespace, name = self._where(inputs, kind)
        try:
            wanted = await self._dry_run(kind, inputs, Manner(manager=manager, force=True), namespace, name)
        except ApiError:
            # What can no longer be applied differs for certain; the next update will say why it cannot.
            wanted = inputs
        return drift.confirmed(inputs, shown, drift.readable(inputs, wanted) if wanted is not inputs else inputs)

    async def delete(self, live: Tree, policy: str, how_long: Patience) -> None:
        """Delete an object and wait until it is gone; one that is gone already is no error."""
        kind = await self._discovery.find(live["apiVersion"], live["kind"])
        if kind is None:
            return
        path = kind.path(*self._where(live, kind))
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": policy}
        try:
            await self._client.delete(path, options)
        except ApiError as error:
            if not error.not_found:
                raise
            return
        if not how_long.skip:
            await self._waiter.gone(path, manifest.metadata(live).get("uid", ""), how_long)

    def _where(self, tree: Tree, kind: Kind) -> tuple[str, str]:
        found = manifest.metadata(tree)
        return (found.get("namespace") or self._namespace) if kind.namespaced else "", found["name"]

    async def _kind(self, inputs: Tree) -> Kind:
        api_version, name = inputs["apiVersion"], inputs["kind"]
        deadline = asyncio.get_running_loop().time() + _SETTLE_SECONDS
        while True:
            kind = await self._discovery.find(api_version, name)
            if kind is not None:
                return kind
            if asyncio.get_running_loop().time() >= deadline:
                raise RefusedError(
                    f"the API server knows no {name} in {api_version}; create its CustomResourceDefinition first "
                    "(depends_on), or correct apiVersion and kind"
                )
            await asyncio.sleep(0.5)

    async def _apply_soon(self, path: str, inputs: Tree, manner: Manner) -> Tree:
        deadline = asyncio.get_running_loop().time() + _SETTLE_SECONDS
        while True:
            try:
                return await self._client.apply(path, inputs, manager=manner.manager, force=manner.force, dry_run=False)
            except ApiError as error:
                late = asyncio.get_running_loop().time() >= deadline
                if late or not (_namespace_missing(error) or error.kind_missing):
                    raise
            await asyncio.sleep(0.25)

    async def _exists(self, path: str) -> bool:
        try:
            await self._client.get(path)
        except ApiError as error:
            if error.not_found:
                return False
            raise
        return True

    async def _settled(self, kind: Kind, inputs: Tree, manner: Manner) -> Tree:
        try:
            live = await self._client.get(kind.path(*self._where(inputs, kind)))
        except ApiError as error:
            if error.not_found:
                raise RefusedError(
                    f"{inputs['kind']} {manifest.identifier(inputs)} is gone from the cluster; "
                    "`pulumi refresh` notices that, and the update after it creates it anew"
                ) from error
            raise
        return ownership.settle(inputs, live, manner.ignored, manner.manager) if manner.ignored else inputs

    async def _dry_run(self, kind: Kind, inputs: Tree, manner: Manner, namespace: str, name: str) -> Tree:
        body = copy.deepcopy(inputs)
        body["metadata"]["name"] = name
        if kind.namespaced:
            body["metadata"]["namespace"] = namespace
        path = kind.path(namespace, name)
        return await self._client.apply(path, body, manager=manner.manager, force=manner.force, dry_run=True)


def _namespace_missing(error: ApiError) -> bool:
    return error.reason == "NotFound" and error.message.startswith("namespaces ")
