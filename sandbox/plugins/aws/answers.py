"""Turn a failure into one gRPC status with AWS's own code and message.

When the resource exists nevertheless, the status carries its id and properties, so that the engine keeps it in state
and the next update tries again.
"""

from typing import Any

import grpc
from botocore.exceptions import BotoCoreError, ClientError
from google.protobuf import any_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from sandbox.plugins.aws.call import WaitFailedError, message
from sandbox.plugins.aws.clients import NoAccessError
from sandbox.plugins.aws.lifecycle import UnfinishedError
from sandbox.plugins.aws.schema import Tree
from sandbox.plugins.properties import encode

EXPECTED = (ClientError, BotoCoreError, NoAccessError, WaitFailedError, UnfinishedError, ValueError)
"""What may go wrong with AWS and with what it was asked; anything else is a fault of the stand-in's."""


def explain(error: BaseException) -> str:
    """Describe an error."""
    if isinstance(error, UnfinishedError):
        return explain(error.cause)
    if isinstance(error, ClientError):
        return message(error)
    if isinstance(error, EXPECTED):
        return str(error)
    return f"a fault in the sandbox's stand-in for aws: {type(error).__name__}: {error}"


async def fail(context: Any, doing: str, urn: str, error: BaseException, *, inputs: Tree | None = None) -> None:
    """End the request with an error. `doing` is a verb and the resource: `creating aws:ec2/vpc:Vpc`."""
    name = urn.rpartition("::")[2]
    text = f'{doing} "{name}": {explain(error)}'
    if isinstance(error, UnfinishedError):
        await context.abort_with_status(_unfinished(error, text, inputs or {}))
    await context.abort(grpc.StatusCode.UNKNOWN, text)


class _Status(grpc.Status):  # type: ignore[misc] # grpc has no types here
    def __init__(self, text: str, details: bytes) -> None:
        self.code = grpc.StatusCode.UNKNOWN
        self.details = text
        self.trailing_metadata = (("grpc-status-details-bin", details),)


def _unfinished(error: UnfinishedError, text: str, inputs: Tree) -> _Status:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.identifier, properties=encode(error.state), inputs=encode(inputs), reasons=[text]
    )
    packed = any_pb2.Any()
    packed.Pack(detail)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=text, details=[packed])
    return _Status(text, status.SerializeToString())
