"""Calls of a provider as the engine makes them, without an engine: check, then create, update or delete."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from sandbox.plugins.kubernetes.servicer import KubernetesProvider
from sandbox.plugins.properties import Properties, decode, encode

Tree = dict[str, Any]


class Refusal(Exception):  # noqa: N818 - it is what a test expects
    """The provider answered with an error; `detail` is the state that it wants kept, if any."""

    def __init__(self, message: str, detail: Any = None) -> None:
        super().__init__(message)
        self.detail = detail


class _Context:
    async def abort(
        self, _code: grpc.StatusCode, message: str, trailing_metadata: Iterable[tuple[str, bytes]] = ()
    ) -> None:
        detail = None
        for _, value in trailing_metadata:
            status = status_pb2.Status.FromString(value)
            detail = provider_pb2.ErrorResourceInitFailed()
            status.details[0].Unpack(detail)
        raise Refusal(message, detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What the engine keeps of a resource."""

    type: str
    id: str
    inputs: Any
    state: Any

    @property
    def live(self) -> Tree:
        """The state as a tree."""
        return decode(self.state).tree


class Provider:
    """A configured provider in this process, with an event loop of its own."""

    def __init__(self, kubeconfig: str, **settings: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self.servicer = self.run(self._make({"kubeconfig": kubeconfig, **settings}))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something to its end on the provider's loop."""
        return self._loop.run_until_complete(work)

    def close(self) -> None:
        """End the loop and what runs on it."""
        self.run(self._end())
        self._loop.close()

    def call(self, method: str, request: Any) -> Any:
        """Make one call."""
        return self.run(getattr(self.servicer, method)(request, _Context()))

    def check(self, tree: Tree, *, old: Any = None, secrets: Iterable[Any] = (), kind: str = "") -> Any:
        """Return the inputs that the engine would register."""
        kind = kind or type_of(tree)
        answer = self.call(
            "Check",
            provider_pb2.CheckRequest(
                urn=_urn(kind), type=kind, name="thing", news=encode(tree, frozenset(secrets)), olds=old
            ),
        )
        if answer.failures:
            raise Refusal(answer.failures[0].reason)
        return answer.inputs

    def preview(self, tree: Tree) -> Properties:
        """Return what creating an object would give."""
        kind = type_of(tree)
        request = provider_pb2.CreateRequest(urn=_urn(kind), type=kind, properties=self.check(tree), preview=True)
        return decode(self.call("Create", request).properties)

    def create(self, tree: Tree, *, secrets: Iterable[Any] = (), timeout: float = 30) -> Resource:
        """Create an object."""
        kind, inputs = type_of(tree), self.check(tree, secrets=secrets)
        request = provider_pb2.CreateRequest(urn=_urn(kind), type=kind, properties=inputs, timeout=timeout)
        answer = self.call("Create", request)
        return Resource(type=kind, id=answer.id, inputs=inputs, state=answer.properties)

    def diff(self, resource: Resource, tree: Tree, *, ignore: Iterable[str] = ()) -> Any:
        """Compare a resource with new inputs."""
        return self.call(
            "Diff",
            provider_pb2.DiffRequest(
                id=resource.id,
                urn=_urn(resource.type),
                type=resource.type,
                olds=resource.state,
                old_inputs=resource.inputs,
                news=self.check(tree, old=resource.inputs, kind=resource.type),
                ignoreChanges=list(ignore),
            ),
        )

    def update(self, resource: Resource, tree: Tree, *, ignore: Iterable[str] = (), timeout: float = 30) -> Resource:
        """Update an object."""
        inputs = self.check(tree, old=resource.inputs)
        request = provider_pb2.UpdateRequest(
            id=resource.id,
            urn=_urn(resource.type),
            type=resource.type,
            olds=resource.state,
            old_inputs=resource.inputs,
            news=inputs,
            ignoreChanges=list(ignore),
            timeout=timeout,
        )
        answer = self.call("Update", request)
        return Resource(type=resource.type, id=resource.id, inputs=inputs, state=answer.properties)

    def read(self, resource: Resource) -> Resource:
        """Refresh a resource; its ID is empty if the object is gone."""
        answer = self.call(
            "Read",
            provider_pb2.ReadRequest(
                id=resource.id,
                urn=_urn(resource.type),
                type=resource.type,
                properties=resource.state,
                inputs=resource.inputs,
            ),
        )
        return Resource(type=resource.type, id=answer.id, inputs=answer.inputs, state=answer.properties)

    def delete(self, resource: Resource, *, timeout: float = 60) -> None:
        """Delete an object."""
        request = provider_pb2.DeleteRequest(
            id=resource.id,
            urn=_urn(resource.type),
            type=resource.type,
            properties=resource.state,
            old_inputs=resource.inputs,
            timeout=timeout,
        )
        self.call("Delete", request)

    async def _end(self) -> None:
        cluster = self.servicer._cluster
        await cluster.fault()
        if cluster._client is not None:
            await cluster._client.close()

    async def _make(self, configuration: Mapping[str, Any]) -> KubernetesProvider:
        servicer = KubernetesProvider("")
        await servicer.Configure(provider_pb2.ConfigureRequest(args=encode(configuration)), _Context())
        return servicer


def type_of(tree: Tree) -> str:
    """Return the resource type of an object."""
    version = tree["apiVersion"]
    return f"kubernetes:{version if '/' in version else f'core/{version}'}:{tree['kind']}"


def _urn(kind: str) -> str:
    return f"urn:pulumi:dev::trial::{kind}::thing"
