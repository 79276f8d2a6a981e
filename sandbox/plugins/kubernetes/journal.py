"""How does the person at the terminal learn what the stand-in is doing?

Everything goes through the engine's log: a line of its own there, or a status beside the resource that the next one
replaces. Nothing is ever written that came out of a secret: messages are made of names, fields and the API server's
words about them.
"""

import contextlib

import grpc
import grpc.aio
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from sandbox.plugins.server import CHANNEL_OPTIONS


class Journal:
    """The engine's log, as far as one plugin writes to it."""

    def __init__(self, engine: str) -> None:
        """`engine` is the engine's address; without one, what is written here is dropped."""
        self._engine = engine
        self._stub: engine_pb2_grpc.EngineStub | None = None
        self._said: set[str] = set()

    def attach(self, engine: str) -> None:
        """Write to another engine from now on."""
        self._engine, self._stub = engine, None

    async def warn_once(self, urn: str, text: str) -> None:
        """Warn, unless this very text has been written before by this process."""
        if text not in self._said:
            self._said.add(text)
            await self._write(engine_pb2.WARNING, urn, text, ephemeral=False)

    async def info(self, urn: str, text: str) -> None:
        """Tell something that stays on the terminal."""
        await self._write(engine_pb2.INFO, urn, text, ephemeral=False)

    async def status(self, urn: str, text: str) -> None:
        """Say what is happening with a resource right now; an empty text clears it."""
        await self._write(engine_pb2.INFO, urn, text, ephemeral=True)

    async def _write(self, severity: engine_pb2.LogSeverity.ValueType, urn: str, text: str, *, ephemeral: bool) -> None:
        if not self._engine:
            return
        if self._stub is None:
            self._stub = engine_pb2_grpc.EngineStub(grpc.aio.insecure_channel(self._engine, options=CHANNEL_OPTIONS))
        request = engine_pb2.LogRequest(severity=severity, message=text, urn=urn, ephemeral=ephemeral)
        # The engine may be on its way out; what it no longer hears must not fail an operation that succeeded.
        with contextlib.suppress(grpc.aio.AioRpcError):
            await self._stub.Log(request)
