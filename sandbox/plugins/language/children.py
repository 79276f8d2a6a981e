"""Track the processes that the language host has started, and end them with it.

There is no `preexec_fn` anywhere: a fork that runs Python code in a process with gRPC's threads can abort it.
"""

import asyncio
import asyncio.subprocess
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence


class Children:
    """The processes that the language host started and that still run."""

    def __init__(self) -> None:
        self._running: set[asyncio.subprocess.Process] = set()

    def end(self) -> None:
        """Ask every child to end; does not wait."""
        for process in list(self._running):
            # A child may have ended by itself meanwhile.
            with contextlib.suppress(ProcessLookupError):
                process.terminate()

    @contextlib.asynccontextmanager
    async def start(
        self, command: Sequence[str], *, environment: Mapping[str, str], directory: str, capture: bool
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """Start a child and yield it; it is ended when the block is left in any way.

        With `capture` its stdout and stderr are pipes, and its stdin one that stays open as long as this process
        lives; otherwise it writes to the host's own, which the engine reads, and reads nothing.
        """
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=directory or None,
            env=dict(environment),
            stdin=pipe if capture else asyncio.subprocess.DEVNULL,
            stdout=pipe if capture else None,
            stderr=pipe if capture else None,
        )
        self._running.add(process)
        try:
            yield process
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
                await process.wait()
            self._running.discard(process)
