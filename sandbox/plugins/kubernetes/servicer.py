"""How does the engine get Kubernetes objects previewed, created, compared, read, changed and deleted?

This module only translates: requests into trees and calls, live objects and errors into answers.
"""

# ruff: noqa: N802 - the method names are the protocol's

import asyncio
import json
import os
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from sandbox.plugins.install import sdk_version
from sandbox.plugins.kubernetes import awaiting, checking, configuring, diffing, manifest, paths, readiness, settings
from sandbox.plugins.kubernetes.answers import Unfinished, answered
from sandbox.plugins.kubernetes.awaiting import Waiter
from sandbox.plugins.kubernetes.cluster import Cluster
from sandbox.plugins.kubernetes.errors import ApiError, NotReadyError, RefusedError, UnreachableError
from sandbox.plugins.kubernetes.journal import Journal
from sandbox.plugins.kubernetes.objects import Manner, Objects
from sandbox.plugins.properties import UNKNOWN, Path, Properties, decode, encode

Tree = dict[str, Any]


class KubernetesProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The `ResourceProvider` service for Kubernetes objects."""

    def __init__(self, engine: str) -> None:
        """`engine` is the engine's address."""
        self._journal = Journal(engine)
        self._cancelled = asyncio.Event()
        self._cluster: Cluster | None = None

    @answered
    async def GetPluginInfo(self, _request: Any) -> Any:
        """Say which version this stands in for."""
        return plugin_pb2.PluginInfo(version=sdk_version("kubernetes"))

    @answered
    async def GetSchema(self, _request: Any) -> Any:
        """Return a schema that names the provider and no types: kinds come from the cluster."""
        return provider_pb2.GetSchemaResponse(
            schema=json.dumps({"name": "kubernetes", "version": sdk_version("kubernetes"), "resources": {}})
        )

    @answered
    async def Attach(self, request: Any) -> Any:
        """Write to the log of another engine from now on."""
        self._journal.attach(request.address)
        return empty_pb2.Empty()

    @answered
    async def Cancel(self, _request: Any) -> Any:
        """Stop waiting for objects; what was written to the cluster stays in the state."""
        self._cancelled.set()
        return empty_pb2.Empty()

    @answered
    async def CheckConfig(self, request: Any) -> Any:
        """Refuse settings that are not known."""
        failures = [
            provider_pb2.CheckFailure(property=key, reason=reason)
            for key, reason in settings.faults(decode(request.news).tree).items()
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @answered
    async def DiffConfig(self, request: Any) -> Any:
        """Say whether a change of settings means another cluster."""
        old, new = decode(request.olds).tree, decode(request.news).tree
        keys = configuring.changed(old, new)
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if keys else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=keys,
            replaces=configuring.replaced(old, new),
        )

    @answered
    async def Configure(self, request: Any) -> Any:
        """Take the settings and start looking for the cluster."""
        self._cluster = Cluster(settings.parse(decode(request.args).tree, os.environ))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    @answered
    async def Invoke(self, request: Any) -> Any:
        """Refuse: there are no functions here."""
        raise RefusedError(f'the sandbox\'s kubernetes provider has no function "{request.tok}"')

    @answered
    async def Check(self, request: Any) -> Any:
        """Fill in names and namespaces; keep the old inputs of a cluster that is skipped."""
        kind, cluster = await self._kind(request.type, request.urn), self._configured()
        given, old = decode(request.news), decode(request.olds)
        if cluster.settings.skip_update_unreachable and old.tree and (fault := await cluster.fault()):
            await self._journal.warn_once(request.urn, f"skipped, as `skipUpdateUnreachable` is set: {fault}")
            return provider_pb2.CheckResponse(inputs=request.olds)
        options = request.autonaming
        naming = checking.Naming(
            base=request.name,
            seed=request.randomSeed,
            proposed=options.proposed_name,
            disabled=options.mode == provider_pb2.CheckRequest.AutonamingOptions.DISABLE,
        )
        try:
            inputs = await checking.check(given.tree, old.tree, kind, naming, cluster)
        except RefusedError as error:
            failure = provider_pb2.CheckFailure(reason=str(error))
            return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
        return provider_pb2.CheckResponse(inputs=encode(inputs, given.secrets))

    @answered
    async def Diff(self, request: Any) -> Any:
        """Compare inputs; ask the cluster only if they differ, and only what cannot be changed in place."""
        cluster = self._configured()
        old, new, state = decode(request.old_inputs), decode(request.news), decode(request.olds)
        ignored = [paths.parse(path) for path in request.ignoreChanges]
        changes = diffing.changes(old.tree, new.tree, ignored)
        if not changes:
            return diffing.response([], new.tree, state.tree)
        rehearse = None
        if not (new.unknown or await cluster.fault()):
            objects = await self._objects()
            manner = self._manner(new.tree, state.tree, tuple(ignored))

            async def rehearse() -> None:
                await objects.rehearse_update(new.tree, manner)

        changes = await diffing.classified(changes, old.tree, new.tree, cluster.settings, rehearse)
        return diffing.response(changes, new.tree, state.tree)

    @answered
    async def Create(self, request: Any) -> Any:
        """Create an object, or say what it would become."""
        inputs, cluster = decode(request.properties), self._configured()
        manner = self._manner(inputs.tree, {}, ())
        if request.preview:
            live = await self._rehearsed(
                request.urn, inputs, lambda objects: objects.rehearse_create(inputs.tree, manner)
            )
            if live is None:
                return provider_pb2.CreateResponse(properties=request.properties)
            return provider_pb2.CreateResponse(properties=_state(_made_up(live), inputs, manner.manager))
        objects = await self._objects("created")
        how_long = awaiting.patience(inputs.tree, request.timeout)
        try:
            live = await objects.create(inputs.tree, manner, request.urn, how_long, upsert=cluster.settings.upsert)
        except NotReadyError as error:
            raise _unfinished(error, inputs, manner.manager) from error
        return provider_pb2.CreateResponse(
            id=manifest.identifier(live), properties=_state(live, inputs, manner.manager)
        )

    @answered
    async def Update(self, request: Any) -> Any:
        """Update an object, or say what it would become."""
        inputs, state = decode(request.news), decode(request.olds)
        manner = self._manner(inputs.tree, state.tree, tuple(paths.parse(path) for path in request.ignoreChanges))
        if request.preview:
            live = await self._rehearsed(
                request.urn, inputs, lambda objects: objects.rehearse_update(inputs.tree, manner)
            )
            if live is None:
                return provider_pb2.UpdateResponse(properties=request.news)
            return provider_pb2.UpdateResponse(properties=_state(live, inputs, manner.manager))
        how_long = awaiting.patience(inputs.tree, request.timeout)
        try:
            live = await (await self._objects()).update(inputs.tree, manner, request.urn, how_long)
        except NotReadyError as error:
            raise _unfinished(error, inputs, manner.manager) from error
        return provider_pb2.UpdateResponse(properties=_state(live, inputs, manner.manager))

    @answered
    async def Read(self, request: Any) -> Any:
        """Read an object for a refresh (inputs are known) or an import (they are not)."""
        kind = await self._kind(request.type, request.urn)
        inputs, state = decode(request.inputs), decode(request.properties)
        options = self._configured().settings
        try:
            objects = await self._objects()
            live = await objects.read(kind.api_version, kind.kind, *manifest.split(request.id))
        except UnreachableError as error:
            if options.delete_unreachable:
                await self._journal.warn_once(request.urn, f"forgotten, as `deleteUnreachable` is set: {error}")
                return provider_pb2.ReadResponse()
            if options.skip_update_unreachable:
                await self._journal.warn_once(request.urn, f"not read, as `skipUpdateUnreachable` is set: {error}")
                return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
            raise
        if live is None:
            return provider_pb2.ReadResponse()
        imported = not inputs.tree
        manager = manifest.manager(inputs.tree, state.tree)
        tree = manifest.as_inputs(live) if imported else await objects.drifted(inputs.tree, live, manager)
        found = Properties(tree=tree, secrets=manifest.secret_paths(live, frozenset()) if imported else inputs.secrets)
        verdict = readiness.glance(live)
        if not imported and verdict.status != "ready" and not awaiting.patience(tree, 0).skip:
            raise _unfinished(NotReadyError("it is not ready", verdict.reasons, live), found, manager)
        return provider_pb2.ReadResponse(
            id=request.id, properties=_state(live, found, manager), inputs=encode(found.tree, found.secrets)
        )

    @answered
    async def Delete(self, request: Any) -> Any:
        """Delete an object and wait until it is gone; forget it if its cluster is to be forgotten."""
        state, inputs = decode(request.properties).tree, decode(request.old_inputs).tree
        policy = manifest.annotation(inputs or state, manifest.DELETION_POLICY).capitalize() or "Foreground"
        how_long = awaiting.patience(inputs or state, request.timeout)
        try:
            await (await self._objects("deleted")).delete(state, policy, how_long)
        except UnreachableError as error:
            if not self._configured().settings.delete_unreachable:
                raise
            await self._journal.warn_once(request.urn, f"forgotten, as `deleteUnreachable` is set: {error}")
        return empty_pb2.Empty()

    def _configured(self) -> Cluster:
        if self._cluster is None:
            raise RefusedError("the provider has not been configured yet")
        return self._cluster

    async def _objects(self, done: str = "") -> Objects:
        """Return the cluster's objects; `done` says what is to be done that no option lets the user skip."""
        cluster = self._configured()
        try:
            client, discovery = await cluster.connection()
        except UnreachableError as error:
            if done and cluster.settings.skip_update_unreachable:
                remedy = f"`skipUpdateUnreachable` is for updates and reads, nothing can be {done} there meanwhile"
                raise UnreachableError(f"{error}; {remedy}") from error
            raise
        return Objects(client, discovery, Waiter(client, self._journal, self._cancelled), cluster.namespace)

    async def _kind(self, written: str, urn: str) -> manifest.Token:
        kind = manifest.token(written or urn.split("::")[2].rpartition("$")[2])
        if kind.kind.endswith(("List", "Patch")):
            try:
                _, discovery = await self._configured().connection()
            except UnreachableError:
                return kind
            if await discovery.find(kind.api_version, kind.kind) is None:
                raise RefusedError(f"{written}: the sandbox's kubernetes provider does no lists and patches of objects")
        return kind

    def _manner(self, inputs: Tree, state: Tree, ignored: tuple[Path, ...]) -> Manner:
        return Manner(
            manager=manifest.manager(inputs, state),
            force=manifest.forced(inputs, default=self._configured().settings.patch_force),
            ignored=ignored,
        )

    async def _rehearsed(self, urn: str, inputs: Properties, rehearse: Any) -> Tree | None:
        """Return what a rehearsal says, None if it cannot be held: values unknown, cluster away, not allowed."""
        if inputs.unknown:
            return None
        if fault := await self._configured().fault():
            await self._journal.warn_once(urn, f"previewed without asking the cluster: {fault}")
            return None
        try:
            live: Tree | None = await rehearse(await self._objects())
        except ApiError as error:
            if error.status == 403:
                return None
            raise
        return live


def _made_up(live: Tree) -> Tree:
    """Return the outcome of a dry run that creates: what the API server made up is unknown, status is to come."""
    live.pop("status", None)
    found = live["metadata"]
    found.pop("resourceVersion", None)
    for key in ("uid", "creationTimestamp"):
        found[key] = UNKNOWN
    return live


def _state(live: Tree, inputs: Properties, manager: str) -> Any:
    return encode(manifest.state(live, manager), manifest.secret_paths(live, inputs.secrets))


def _unfinished(error: NotReadyError, inputs: Properties, manager: str) -> Unfinished:
    live = error.live
    return Unfinished(
        f"{live.get('kind')} {manifest.identifier(live)}: {error}",
        reasons=error.reasons,
        identity=manifest.identifier(live),
        state=_state(live, inputs, manager),
        inputs=encode(inputs.tree, inputs.secrets),
    )
