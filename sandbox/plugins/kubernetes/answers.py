"""How does an error reach the engine?

As a gRPC status whose text is for the person at the terminal. An object that was written but is not ready carries its
state in the status' details, so that the engine keeps it and the next update continues from there.
"""

import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from sandbox.plugins.kubernetes.errors import ApiError, RefusedError, UnreachableError
from sandbox.plugins.kubernetes.manifest import FORCE

_TAKE_OVER: Final = (
    f'\nTo take these fields, annotate the object with {FORCE}: "true" or set the provider\'s `enablePatchForce`; '
    "to leave them to their owner, take them out of the program or name them in `ignore_changes`."
)


class Unfinished(Exception):  # noqa: N818 - it is the outcome of an operation that was carried out
    """An object exists but is not ready: its ID, state and inputs as the engine shall keep them."""

    def __init__(
        self,
        summary: str,
        *,
        reasons: Sequence[str],
        identity: str,
        state: struct_pb2.Struct,
        inputs: struct_pb2.Struct,
    ) -> None:
        super().__init__(summary)
        self.detail = provider_pb2.ErrorResourceInitFailed(
            id=identity, properties=state, inputs=inputs, reasons=[summary, *reasons]
        )


def answered(method: Callable[[Any, Any], Awaitable[Any]]) -> Callable[[Any, Any, Any], Awaitable[Any]]:
    """Make a method that takes a request and raises our errors into one that the gRPC server can call."""

    @functools.wraps(method)
    async def call(servicer: Any, request: Any, context: Any) -> Any:
        try:
            return await method(servicer, request)
        except Unfinished as error:
            status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
            status.details.add().Pack(error.detail)
            details = (("grpc-status-details-bin", status.SerializeToString()),)
            return await context.abort(grpc.StatusCode.UNKNOWN, str(error), trailing_metadata=details)
        except UnreachableError as error:
            return await context.abort(grpc.StatusCode.UNKNOWN, f"the cluster is unreachable: {error}")
        except ApiError as error:
            return await context.abort(grpc.StatusCode.UNKNOWN, f"{error}{_TAKE_OVER if error.conflict else ''}")
        except (RefusedError, ValueError) as error:
            return await context.abort(grpc.StatusCode.UNKNOWN, str(error))

    return call
