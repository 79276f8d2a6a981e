"""Start a stand-in plugin, and end it without leaving anything behind.

The engine starts a plugin, reads one line with a port from its stdout and then talks gRPC to it. It keeps the write
end of the plugin's stdin open for as long as it lives and never writes. End of file there means that the engine is
gone, however it ended (SIGKILL included); it is the only sign that always comes. Signals end the process at once and
silently, because output of grpc.aio at exit would reach the user's terminal as a diagnostic.
"""

import argparse
import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable

import grpc
from pulumi.runtime.proto import language_pb2_grpc, provider_pb2_grpc

MESSAGE_LIMIT = 400 * 1024 * 1024
"""Bytes a gRPC message may have: what Pulumi itself allows, a hundred times gRPC's default."""

CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_LIMIT),
    ("grpc.max_send_message_length", MESSAGE_LIMIT),
)

Servicer = provider_pb2_grpc.ResourceProviderServicer | language_pb2_grpc.LanguageRuntimeServicer


def serve(servicer_factory: Callable[[str], Servicer]) -> None:
    """Run a plugin until the engine ends it; does not return before.

    `servicer_factory` gets the engine's address (`127.0.0.1:PORT`, empty when the plugin was started by hand or is to
    be attached) and makes the servicer: a `ResourceProviderServicer` or a `LanguageRuntimeServicer` with async
    methods. A servicer with a method `close() -> None` has it called before the process ends (from the event loop for
    signals, from a thread for an end of file): it ends child processes and must not block.
    """
    engine, port = parse_arguments(sys.argv[1:])
    asyncio.run(_run(servicer_factory, engine, port))


def parse_arguments(arguments: list[str]) -> tuple[str, int]:
    """Parse the engine's address and the port to listen on (0 for any) from the engine's arguments.

    Flags that the engine may pass to any plugin (`--logtostderr`, `-v=9`, `--tracing URL`, `--root DIR`) are
    accepted and have no effect: a stand-in logs through the engine only.
    """
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("engine", nargs="?", default="")
    parser.add_argument("--port", type=int, default=0)
    known, _ = parser.parse_known_args(_without_values(arguments))
    return known.engine, known.port


def end_with_the_engine(close: Callable[[], None] = lambda: None) -> None:
    """End this process, after `close`, when the engine that started it is gone.

    For servers that are not started through `serve`. Needs a running event loop in the main thread.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _leave, close)
    threading.Thread(target=_wait_for_end_of_file, args=(close,), name="stdin", daemon=True).start()


async def _run(servicer_factory: Callable[[str], Servicer], engine: str, port: int) -> None:
    servicer = servicer_factory(engine)
    end_with_the_engine(getattr(servicer, "close", lambda: None))
    server = grpc.aio.server(options=CHANNEL_OPTIONS)
    if isinstance(servicer, language_pb2_grpc.LanguageRuntimeServicer):
        language_pb2_grpc.add_LanguageRuntimeServicer_to_server(servicer, server)
    else:
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    sys.stdout.write(f"{bound}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


def _without_values(arguments: list[str]) -> list[str]:
    """Drop the flags that take a value as a word of its own, so that the value is not taken for the address."""
    kept: list[str] = []
    skip = False
    for argument in arguments:
        if skip:
            skip = False
        elif argument in ("--tracing", "-tracing", "--root", "-root"):
            skip = True
        else:
            kept.append(argument)
    return kept


def _wait_for_end_of_file(close: Callable[[], None]) -> None:
    while os.read(0, 4096):
        pass
    _leave(close)


def _leave(close: Callable[[], None]) -> None:
    try:
        close()
    finally:
        os._exit(0)
