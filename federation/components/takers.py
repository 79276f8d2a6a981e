"""Nothing leaves a member while those that take over are not ready.

The engine deletes at the end, once everything else is done. With ``--continue-on-error`` it deletes also when some of
that has failed; but it deletes nothing after a program that failed. So the program fails, at its very end.
"""

from collections.abc import Mapping, Sequence

import pulumi

from federation.components.objects import KubernetesObject
from federation.plan.changes import make_before_break
from federation.plan.result import Move

__all__ = ["unready", "watch"]


async def unready(move: Move, objects: Mapping[str, KubernetesObject]) -> tuple[str, ...]:
    """The members whose objects have not become ready in this update, once all are done."""
    done = [await objects[f"{name}/{move.document}"].succeeded() for name in move.takers]
    return tuple(name for name, well in zip(move.takers, done, strict=True) if not well)


def watch(moves: Sequence[Move], objects: Mapping[str, KubernetesObject]) -> None:
    """Say at the end of an update who keeps replicas, and fail where something would leave."""
    if moves and not pulumi.runtime.is_dry_run():
        found: pulumi.Output[list[str]] = pulumi.Output.from_input(_stopped(moves, objects))
        found.apply(_fail)


async def _stopped(moves: Sequence[Move], objects: Mapping[str, KubernetesObject]) -> list[str]:
    """A line for each document that must not leave a member yet; what only fails to shrink is a warning."""
    waiting = [(move, missing) for move in moves if (missing := await unready(move, objects))]
    stopped = []
    for move, missing in waiting:
        line = make_before_break.waiting(move, missing)
        if move.leavers:
            stopped.append(line)
        else:
            pulumi.log.warn(line)
    return stopped


def _fail(lines: Sequence[str]) -> None:
    if lines:
        raise pulumi.RunError("\n".join([*lines, "nothing is deleted in this update, in any member"]))
