"""Serve the stand-in's gRPC interface, and pass each request of the engine to its module.

The servicer does not accept secrets. The engine then marks every output whose input was secret by itself, as it does
for the official plugin.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2, provider_pb2_grpc

from sandbox.plugins.aws import answers, functions, lifecycle, settings
from sandbox.plugins.aws.call import Call
from sandbox.plugins.aws.checking import Fault, Naming, check
from sandbox.plugins.aws.clients import Clients, Unconfigured
from sandbox.plugins.aws.differ import DEFAULTS_KEY, Difference, difference
from sandbox.plugins.aws.registry import RESOURCE_TYPES, resource_type
from sandbox.plugins.aws.schema import ResourceType, Tree
from sandbox.plugins.aws.versions import sdk_version
from sandbox.plugins.properties import decode, encode, text

_THREADS = 64
_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
Done = TypeVar("Done")


class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The `aws` provider. One process may hold one set of settings, as the engine starts one for each provider."""

    def __init__(self, engine: str = "") -> None:
        self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(engine)) if engine else None
        self._clients: Clients | Unconfigured = Unconfigured()
        self._default_tags: Mapping[str, str] = {}
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="aws")

    async def GetPluginInfo(self, _request: Any, _context: Any) -> plugin_pb2.PluginInfo:  # noqa: N802 - the protocol's name
        """Return the version of the SDK that this plugin serves."""
        return plugin_pb2.PluginInfo(version=sdk_version())

    async def GetSchema(self, _request: Any, _context: Any) -> provider_pb2.GetSchemaResponse:  # noqa: N802 - the protocol's name
        """Return as much of a schema as the engine needs for a package."""
        return provider_pb2.GetSchemaResponse(schema=f'{{"name":"aws","version":"{sdk_version()}"}}')

    async def CheckConfig(self, request: Any, _context: Any) -> provider_pb2.CheckResponse:  # noqa: N802 - the protocol's name
        """Refuse settings that the stand-in does not implement."""
        return _checked(request.news, settings.faults(decode(request.news).tree))

    async def DiffConfig(self, request: Any, _context: Any) -> provider_pb2.DiffResponse:  # noqa: N802 - the protocol's name
        """A new region replaces a provider and all its resources; no other setting does."""
        old, new = decode(request.old_inputs).tree, decode(request.news).tree
        changed = sorted(key for key in old | new if old.get(key) != new.get(key))
        some = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=some, diffs=changed, replaces=[k for k in changed if k == "region"])

    async def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:  # noqa: N802 - the protocol's name
        """Read the settings, and check the credentials with AWS unless the settings skip that."""
        given = decode(request.args)
        if not given.unknown:
            try:
                read = settings.read(given.tree)
                clients = Clients(read)
                if read.validate:
                    await self._in_thread(clients.account)
                self._clients, self._default_tags = clients, read.default_tags
            except answers.EXPECTED as error:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, answers.explain(error))
        return provider_pb2.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    async def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: N802 - the protocol's name
        """Check inputs against the type's table."""
        kind = await self._kind(request.urn, context)
        auto = request.autonaming
        naming = Naming(
            logical=request.urn.rpartition("::")[2],
            seed=request.randomSeed,
            proposed=auto.proposed_name if request.HasField("autonaming") else "",
            disabled=request.HasField("autonaming")
            and auto.mode == provider_pb2.CheckRequest.AutonamingOptions.DISABLE,
        )
        checked = check(kind, decode(request.olds).tree, decode(request.news).tree, naming, self._default_tags)
        failures = [provider_pb2.CheckFailure(property=f.property, reason=f.reason) for f in checked.faults]
        return provider_pb2.CheckResponse(inputs=encode(checked.inputs), failures=failures)

    async def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: N802 - the protocol's name
        """Compare the inputs in state with the program's."""
        kind = await self._kind(request.urn, context)
        old = decode(request.old_inputs if request.HasField("old_inputs") else request.olds).tree
        return _diff(difference(kind, old, decode(request.news).tree))

    async def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:  # noqa: N802 - the protocol's name
        """Make a resource, or return its outputs as a preview knows them."""
        kind = await self._kind(request.urn, context)
        inputs = decode(request.properties).tree
        if request.preview:
            return provider_pb2.CreateResponse(id="", properties=encode(lifecycle.planned(kind, inputs, {})))
        call = self._call(request, inputs, kind.timeouts.create)
        try:
            identifier, state = await self._in_thread(lambda: lifecycle.create(kind, call, inputs))
        except Exception as error:
            await answers.fail(context, f"creating {kind.name}", request.urn, error, inputs=inputs)
            raise
        return provider_pb2.CreateResponse(id=identifier, properties=encode(state))

    async def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:  # noqa: N802 - the protocol's name
        """Read a resource, for a refresh, an import or a program's `get`."""
        kind = await self._kind(request.urn, context)
        inputs, state = decode(request.inputs).tree, decode(request.properties).tree
        call = self._call(request, {**state, **inputs}, kind.timeouts.create)
        try:
            found = await self._in_thread(lambda: lifecycle.read(kind, call, request.id, inputs, state))
        except Exception as error:
            await answers.fail(context, f"reading {kind.name}", request.urn, error)
            raise
        if found is None:
            return provider_pb2.ReadResponse(id="")
        return provider_pb2.ReadResponse(
            id=found.identifier, properties=encode(found.state), inputs=encode(found.inputs)
        )

    async def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:  # noqa: N802 - the protocol's name
        """Change a resource in place."""
        kind = await self._kind(request.urn, context)
        state, new = decode(request.olds).tree, decode(request.news).tree
        old = decode(request.old_inputs).tree if request.HasField("old_inputs") else state
        if request.preview:
            return provider_pb2.UpdateResponse(properties=encode(lifecycle.planned(kind, new, state)))
        call = self._call(request, {**state, **new}, kind.timeouts.update)
        try:
            after = await self._in_thread(lambda: lifecycle.update(kind, call, request.id, old, new, state))
        except Exception as error:
            await answers.fail(context, f"updating {kind.name}", request.urn, error, inputs=old)
            raise
        return provider_pb2.UpdateResponse(properties=encode(after))

    async def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802 - the protocol's name
        """Delete a resource and wait until it is gone."""
        kind = await self._kind(request.urn, context)
        state = {**decode(request.old_inputs).tree, **decode(request.properties).tree}
        call = self._call(request, state, kind.timeouts.delete)
        try:
            await self._in_thread(lambda: kind.delete(call, request.id, lifecycle.without_internal(state)))
        except Exception as error:
            await answers.fail(context, f"deleting {kind.name}", request.urn, error)
            raise
        return empty_pb2.Empty()

    async def Invoke(self, request: Any, context: Any) -> provider_pb2.InvokeResponse:  # noqa: N802 - the protocol's name
        """Answer a function such as `getCallerIdentity`."""
        arguments = decode(request.args).tree
        try:
            result = await self._in_thread(lambda: functions.invoke(request.tok, arguments, self._clients))
        except answers.EXPECTED as error:
            await context.abort(grpc.StatusCode.UNKNOWN, f"{request.tok}: {answers.explain(error)}")
            raise
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode(result))
        return response

    async def Cancel(self, _request: Any, _context: Any) -> empty_pb2.Empty:  # noqa: N802 - the protocol's name
        """End every wait."""
        self._stop.set()
        return empty_pb2.Empty()

    async def _in_thread(self, work: Callable[[], Done]) -> Done:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def _kind(self, urn: str, context: Any) -> ResourceType:
        token = urn.split("::")[2].rpartition("$")[2]
        kind = resource_type(token)
        if kind is None:
            known = ", ".join(sorted(RESOURCE_TYPES))
            what = f"{token} is not known to the sandbox's stand-in for aws; known are: {known}"
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, what)
            raise LookupError(what)
        return kind

    def _call(self, request: Any, tree: Tree, seconds: float) -> Call:
        return Call(
            aws=self._clients,
            region=str(tree.get("region") or self._clients.region),
            say=lambda line: self._say(request.urn, line),
            seconds=request.timeout or seconds,
            stop=self._stop,
        )

    def _say(self, urn: str, line: str) -> None:
        if self._engine is not None:
            severity = engine_pb2.LogSeverity.INFO
            self._engine.Log(engine_pb2.LogRequest(severity=severity, message=line, urn=urn, ephemeral=True))


def _checked(news: Any, faults: list[Fault]) -> provider_pb2.CheckResponse:
    failures = [provider_pb2.CheckFailure(property=fault.property, reason=fault.reason) for fault in faults]
    return provider_pb2.CheckResponse(inputs=news, failures=failures)


def _diff(found: Difference) -> provider_pb2.DiffResponse:
    detailed = {
        text(change.path): provider_pb2.PropertyDiff(kind=_KINDS[(change.kind, change.replaces)], inputDiff=True)
        for change in found.changes
        if change.path[0] != DEFAULTS_KEY
    }
    some = provider_pb2.DiffResponse.DIFF_SOME if found.changes else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some,
        diffs=found.changed,
        replaces=found.replaces,
        deleteBeforeReplace=found.delete_first,
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )
