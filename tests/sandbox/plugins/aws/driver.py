"""Drive a provider's servicer as the engine does, one resource at a time.

The servicer's methods are called directly: the protocol's messages are the real ones, only the wire is left out.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.aws.servicer import AwsProvider
from sandbox.plugins.properties import decode, encode

Tree = dict[str, Any]


class RefusedError(Exception):
    """The provider ended a request with a status that is not OK."""

    def __init__(self, text: str, status: Any = None) -> None:
        super().__init__(text)
        self.status = status


class _Context:
    async def abort(self, code: Any, text: str) -> None:
        raise RefusedError(text, code)

    async def abort_with_status(self, status: Any) -> None:
        raise RefusedError(status.details, status)


@dataclass(slots=True)
class Resource:
    """A resource as the engine keeps it in state."""

    token: str
    name: str
    identifier: str
    inputs: Tree
    state: Tree

    @property
    def urn(self) -> str:
        return urn(self.token, self.name)


@dataclass(frozen=True, slots=True)
class Diff:
    """What `Diff` answered."""

    changed: tuple[str, ...]
    replaces: tuple[str, ...]
    delete_first: bool
    detailed: dict[str, int]


def urn(token: str, name: str) -> str:
    """Make a resource's URN."""
    return f"urn:pulumi:dev::test::{token}::{name}"


class Driver:
    """One provider process, configured."""

    def __init__(self, settings: Tree | None = None) -> None:
        self.servicer = AwsProvider("")
        self.loop = asyncio.new_event_loop()
        if settings is not None:
            self.configure(settings)

    def close(self) -> None:
        self.loop.close()

    def configure(self, settings: Tree) -> None:
        self.call(self.servicer.Configure, provider_pb2.ConfigureRequest(args=encode(settings)))

    def call(self, method: Callable[[Any, Any], Awaitable[Any]], request: Any) -> Any:
        return self.loop.run_until_complete(method(request, _Context()))

    def check(self, token: str, name: str, inputs: Tree, old: Tree | None = None) -> tuple[Tree, dict[str, str]]:
        request = provider_pb2.CheckRequest(
            urn=urn(token, name), olds=encode(old or {}), news=encode(inputs), randomSeed=b"seed"
        )
        response = self.call(self.servicer.Check, request)
        return decode(response.inputs).tree, {failure.property: failure.reason for failure in response.failures}

    def preview(self, token: str, name: str, inputs: Tree) -> Tree:
        checked, faults = self.check(token, name, inputs)
        assert not faults
        request = provider_pb2.CreateRequest(urn=urn(token, name), properties=encode(checked), preview=True)
        return decode(self.call(self.servicer.Create, request).properties).tree

    def create(self, token: str, name: str, inputs: Tree) -> Resource:
        checked, faults = self.check(token, name, inputs)
        assert not faults, faults
        request = provider_pb2.CreateRequest(urn=urn(token, name), properties=encode(checked))
        response = self.call(self.servicer.Create, request)
        return Resource(token, name, response.id, checked, decode(response.properties).tree)

    def change(self, resource: Resource, inputs: Tree) -> tuple[Tree, Tree]:
        """The checked inputs, and the arguments of both Diff and Update."""
        checked, faults = self.check(resource.token, resource.name, inputs, resource.inputs)
        assert not faults, faults
        return checked, {
            "id": resource.identifier,
            "urn": resource.urn,
            "olds": encode(resource.state),
            "news": encode(checked),
            "old_inputs": encode(resource.inputs),
        }

    def diff(self, resource: Resource, inputs: Tree) -> Diff:
        _, request = self.change(resource, inputs)
        response = self.call(self.servicer.Diff, provider_pb2.DiffRequest(**request))
        detailed = {path: entry.kind for path, entry in response.detailedDiff.items()}
        return Diff(tuple(response.diffs), tuple(response.replaces), response.deleteBeforeReplace, detailed)

    def update(self, resource: Resource, inputs: Tree) -> None:
        checked, request = self.change(resource, inputs)
        response = self.call(self.servicer.Update, provider_pb2.UpdateRequest(**request))
        resource.inputs, resource.state = checked, decode(response.properties).tree

    def read(self, resource: Resource) -> Resource | None:
        return self._read(resource, encode(resource.inputs), encode(resource.state))

    def import_(self, token: str, name: str, identifier: str) -> Resource | None:
        wanted = Resource(token, name, identifier, {}, {})
        return self._read(wanted, struct_pb2.Struct(), struct_pb2.Struct())

    def delete(self, resource: Resource) -> None:
        request = provider_pb2.DeleteRequest(
            id=resource.identifier,
            urn=resource.urn,
            properties=encode(resource.state),
            old_inputs=encode(resource.inputs),
        )
        self.call(self.servicer.Delete, request)

    def invoke(self, token: str, arguments: Tree) -> Tree:
        response = self.call(self.servicer.Invoke, provider_pb2.InvokeRequest(tok=token, args=encode(arguments)))
        return decode(getattr(response, "return")).tree

    def _read(self, resource: Resource, inputs: Any, state: Any) -> Resource | None:
        request = provider_pb2.ReadRequest(id=resource.identifier, urn=resource.urn, inputs=inputs, properties=state)
        response = self.call(self.servicer.Read, request)
        if not response.id:
            return None
        found_inputs, found_state = decode(response.inputs).tree, decode(response.properties).tree
        return Resource(resource.token, resource.name, response.id, found_inputs, found_state)
