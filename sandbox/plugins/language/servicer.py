"""Run Python programs, policy packs and plugins for the engine.

Pulumi's own `pulumi-language-python-exec` runs programs. This host only finds the interpreter, starts it and reports
how it ended. Dependencies are never installed here: the sandbox's environment is locked and made beforehand.
"""

# ruff: noqa: N802 - the method names are the protocol's

import asyncio
import asyncio.subprocess
import importlib.metadata
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from sandbox.plugins.language import command
from sandbox.plugins.language.children import Children

MESSAGE_SHOWN = 32
"""The exit code by which `pulumi-language-python-exec` says that the user has been told already."""

_LIST_PACKAGES = (
    "import importlib.metadata, json; "
    "print(json.dumps(sorted({(d.name, d.version) for d in importlib.metadata.distributions()})))"
)


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """The `LanguageRuntime` service for Python."""

    def __init__(self, engine: str, script: str) -> None:
        """`engine` is the engine's address, `script` the path of `pulumi-language-python-exec`."""
        self._engine = engine
        self._script = script
        self._children = Children()
        self._cancelled = False

    def close(self) -> None:
        """End running programs; called when the engine is gone."""
        self._children.end()

    async def Handshake(self, request: Any, _context: Any) -> Any:
        """Take the engine's address, if it was not on the command line."""
        self._engine = self._engine or request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    async def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        """Return the version: that of the SDK that runs the programs."""
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi"))

    async def GetRequiredPackages(self, _request: Any, _context: Any) -> Any:
        """Name no packages: the engine learns of each from the first resource of it, and all are installed."""
        return language_pb2.GetRequiredPackagesResponse()

    async def GetRequiredPlugins(self, _request: Any, _context: Any) -> Any:
        """Name no plugins, for the same reason as `GetRequiredPackages`."""
        return language_pb2.GetRequiredPluginsResponse()

    async def Run(self, request: Any, context: Any) -> Any:
        """Run a program to its end and return whether it failed."""
        try:
            interpreter = command.interpreter(request.info)
        except command.UnusableEnvironmentError as error:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        environment = interpreter.environment(os.environ) | command.configuration(request)
        arguments = [str(interpreter.executable), *command.run_arguments(request, self._engine, self._script)]
        async with self._children.start(
            arguments, environment=environment, directory=request.info.program_directory, capture=False
        ) as process:
            code = await process.wait()
        if code == 0:
            return language_pb2.RunResponse()
        if code == MESSAGE_SHOWN or self._cancelled:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"the Python program ended with {_how(code)}")

    async def RunPlugin(self, request: Any, context: Any) -> AsyncIterator[Any]:
        """Run a policy pack or a plugin written in Python, and pass on what it writes until it ends."""
        try:
            interpreter = command.interpreter(request.info)
        except command.UnusableEnvironmentError as error:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        environment = interpreter.environment(dict(item.split("=", 1) for item in request.env) or os.environ)
        # Without it the plugin's port would stay in a buffer and the engine would wait for it forever.
        environment["PYTHONUNBUFFERED"] = "1"
        arguments = [str(interpreter.executable), request.info.program_directory, *request.args]
        async with self._children.start(
            arguments, environment=environment, directory=request.pwd, capture=True
        ) as process:
            async for chunk in _output(process):
                yield chunk
            yield language_pb2.RunPluginResponse(exitcode=await process.wait())

    async def GetProgramDependencies(self, request: Any, context: Any) -> Any:
        """List the packages that are installed for a program."""
        arguments = [str(command.interpreter(request.info).executable), "-c", _LIST_PACKAGES]
        process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
        listed, _ = await process.communicate()
        if process.returncode:
            await context.abort(grpc.StatusCode.INTERNAL, f"{arguments[0]} could not list its packages")
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=name, version=version) for name, version in json.loads(listed)
            ]
        )

    async def About(self, _request: Any, _context: Any) -> Any:
        """Return the Python that runs programs without a virtual environment."""
        return language_pb2.AboutResponse(executable=sys.executable, version=sys.version.split()[0])

    async def InstallDependencies(self, request: Any, _context: Any) -> AsyncIterator[Any]:
        """Install nothing, and report that."""
        note = f"{request.directory}: nothing to install, the sandbox's Python environment is used as it is\n"
        yield language_pb2.InstallDependenciesResponse(stdout=note.encode())

    async def RuntimeOptionsPrompts(self, _request: Any, _context: Any) -> Any:
        """Prompt for nothing: the sandbox's environment is fixed."""
        return language_pb2.RuntimeOptionsResponse()

    async def Link(self, _request: Any, context: Any) -> Any:
        """Refuse: generated SDKs have no place in a locked environment."""
        await context.abort(
            grpc.StatusCode.UNIMPLEMENTED,
            "the sandbox's language host does not link local packages; add the package to the requirements instead",
        )

    async def Cancel(self, _request: Any, _context: Any) -> Any:
        """End running programs, at the engine's request."""
        self._cancelled = True
        self._children.end()
        return empty_pb2.Empty()


async def _output(process: asyncio.subprocess.Process) -> AsyncIterator[Any]:
    """Yield what the process writes to either stream, as it comes, until both have ended."""
    chunks: asyncio.Queue[Any] = asyncio.Queue()

    async def read(stream: asyncio.StreamReader, wrap: Callable[[bytes], Any]) -> None:
        while data := await stream.read(65536):
            chunks.put_nowait(wrap(data))
        chunks.put_nowait(None)

    if process.stdout is None or process.stderr is None:
        raise ValueError("the process was started without pipes")
    readers = [
        asyncio.create_task(read(process.stdout, lambda data: language_pb2.RunPluginResponse(stdout=data))),
        asyncio.create_task(read(process.stderr, lambda data: language_pb2.RunPluginResponse(stderr=data))),
    ]
    open_streams = len(readers)
    try:
        while open_streams:
            chunk = await chunks.get()
            if chunk is None:
                open_streams -= 1
            else:
                yield chunk
    finally:
        for reader in readers:
            reader.cancel()


def _how(code: int) -> str:
    return f"exit code {code}" if code > 0 else f"signal {-code}"
