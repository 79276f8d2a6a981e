"""Give up no replica or object in a member before the members that take over are ready.

Dependencies between objects set the order. They are not enough: Pulumi's provider takes a scaled Deployment for ready
while some of its pods are not, and it does not wait for an unchanged object. So a hook reads the takers themselves,
before an object that waits for them is updated.

The engine deletes at the end; with ``--continue-on-error`` it does so also when a taker has failed. After a failed
program it deletes nothing. So the program fails, at its very end.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, cast

import pulumi
from lightkube.generic_resource import GenericNamespacedResource
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import monitor_supports_feature

from federation.components.clusters import api_client
from federation.components.kubernetes.objects import KubernetesObject
from federation.errors.fault import FederationError
from federation.plan.changes import make_before_break
from federation.plan.model.plan import Move, Plan, PlannedObject, RecordSet
from federation.plan.objects.retention import REPLICAS_FIELD

__all__ = ["NAME", "NotReadyError", "Takers", "fail_on_unready_takers", "unready"]

NAME: Final = "eks-federation-takers-are-ready"
PAUSE: Final = 0.5
MOST: Final = 32  # takers that are read at a time


class NotReadyError(FederationError):
    """An object that takes over is not ready in time, so nothing is given up for it."""


class Takers:
    """The objects that gain replicas by ``plan``, reached by ``kubeconfigs``; each has ``seconds`` to become ready.

    ``also`` are further objects that something waits for.
    """

    def __init__(
        self, plan: Plan, kubeconfigs: Callable[[str], Awaitable[str]], seconds: float, also: Collection[str] = ()
    ) -> None:
        taking = {*also, *(f"{name}/{move.document}" for move in plan.moves for name in move.takers)}
        objects = (each for member in plan.members for each in member.objects) if taking else ()
        self._taking = {each.logical_name: each for each in objects if each.logical_name in taking}
        self._awaited: dict[str, tuple[str, ...]] = {
            f"{giver}/{move.document}": tuple(f"{name}/{move.document}" for name in move.takers)
            for move in plan.moves
            for giver in move.givers
        }
        self._kubeconfigs = kubeconfigs
        self._seconds = seconds
        self._waits: dict[str, asyncio.Task[None]] = {}
        # Not the loop's own pool: all its threads may be in registrations, which wait for this hook.
        self._threads = ThreadPoolExecutor(max_workers=min(MOST, len(self._taking))) if self._taking else None
        has_hooks = monitor_supports_feature(resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS)
        self._hook = pulumi.ResourceHook(NAME, self._run) if taking and has_hooks else None

    def before_object(self, planned: PlannedObject) -> pulumi.ResourceHook | None:
        """The hook before an object that gives replicas away is updated."""
        return self._hook if planned.logical_name in self._awaited else None

    def before_record(self, record: RecordSet) -> pulumi.ResourceHook | None:
        """The hook before a record set that waits for takers is made or updated."""
        if awaited := tuple(name for name in record.after if name in self._taking):
            self._awaited[record.logical_name] = awaited
        return self._hook if awaited else None

    async def is_ready(self, name: str) -> bool:
        """Whether the object ``name`` has all its replicas ready in time; true for one that takes nothing over."""
        try:
            await (self._ready(name) if name in self._taking else asyncio.sleep(0))
        except NotReadyError as error:
            pulumi.log.warn(str(error))
            return False
        return True

    async def wait_before(self, name: str) -> None:
        """Wait until all takers of the resource ``name`` are ready. Raises ``NotReadyError`` when one is late."""
        await asyncio.gather(*(self._ready(taker) for taker in self._awaited.get(name, ())))

    async def _run(self, args: pulumi.ResourceHookArgs) -> None:
        await self.wait_before(args.name)

    async def _ready(self, name: str) -> None:
        if name not in self._waits:
            self._waits[name] = asyncio.ensure_future(self._wait(self._taking[name]))
        await asyncio.shield(self._waits[name])

    async def _wait(self, planned: PlannedObject) -> None:
        kubeconfig = await self._kubeconfigs(planned.member)
        loop = asyncio.get_running_loop()
        why = await loop.run_in_executor(self._threads, _wait_until_ready, kubeconfig, planned, self._seconds)
        if why:
            raise NotReadyError(f"{planned.logical_name} must take over and is not ready ({why}); update again")


def _wait_until_ready(kubeconfig: str, planned: PlannedObject, seconds: float) -> str:
    """Read the object until it is ready. The result is "", or the reason why it was not ready in time."""
    deadline = time.monotonic() + seconds
    while why := _why_not_ready(kubeconfig, planned):
        if time.monotonic() > deadline:
            return why
        time.sleep(PAUSE)
    return ""


def _why_not_ready(kubeconfig: str, planned: PlannedObject) -> str:
    resource = api_client.resource(planned.api_version, planned.kind, namespaced=True)
    try:
        client = api_client.client(kubeconfig, api_client.SECONDS)
        live = client.get(cast("type[GenericNamespacedResource]", resource), planned.name, namespace=planned.namespace)
        generation = live.metadata.generation if live.metadata else None
        return missing(live, generation or 0, planned)
    except api_client.FAULTS as error:
        return str(error) or type(error).__name__


def missing(live: Mapping[str, Any], generation: int, planned: PlannedObject) -> str:
    """Why a ``live`` object is not ready as ``planned``, "" when it is."""
    status = live.get("status") or {}
    is_ours = REPLICAS_FIELD not in planned.ignore_changes
    wanted = planned.replicas or 0 if is_ours else live["spec"].get("replicas", 1)
    ready = status.get("readyReplicas", 0)
    if status.get("observedGeneration", 0) < generation:
        return "its controller has not seen the update yet"
    return "" if ready >= wanted else f"{ready} of {wanted} replicas"


async def unready(move: Move, objects: Mapping[str, KubernetesObject]) -> tuple[str, ...]:
    """The members whose objects have not become ready in this update, once all are done."""
    done = [await objects[f"{name}/{move.document}"].succeeded() for name in move.takers]
    return tuple(name for name, ok in zip(move.takers, done, strict=True) if not ok)


def fail_on_unready_takers(moves: Sequence[Move], objects: Mapping[str, KubernetesObject]) -> None:
    """Report at the end of an update which members keep replicas, and fail where an object would leave."""
    if moves and not pulumi.runtime.is_dry_run():
        lines: pulumi.Output[list[str]] = pulumi.Output.from_input(_stopped(moves, objects))
        lines.apply(_fail)


async def _stopped(moves: Sequence[Move], objects: Mapping[str, KubernetesObject]) -> list[str]:
    """A line for each document that must not leave a member yet; one that only fails to shrink is a warning."""
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
