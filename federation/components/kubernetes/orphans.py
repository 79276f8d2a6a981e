"""Take the managed label from an orphan (``kubefed.io/orphan``) that no document contains now.

The engine leaves the orphan in place (``retain_on_delete``), and calls this hook before it forgets it. So the label
goes in the same update and in its order, and an orphan whose member does not answer is not forgotten. Without a
kubeconfig of its member an orphan keeps its label, since no later update could take it. The engine calls the hook only
where the program runs, so `pulumi destroy` needs `--run-program` while a stack has orphans.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import pulumi
from lightkube import ApiError
from lightkube.types import PatchType
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import monitor_supports_feature

from federation.components.clusters import api_client
from federation.errors.fault import FederationError
from federation.plan.objects.manifests import FIELD_MANAGER, MANAGED_LABEL

__all__ = ["NAME", "NotReleasedError", "release", "release_hook"]

NAME: Final = "eks-federation-release-orphan"

Kubeconfigs = Callable[[str], Awaitable[str]]
"""A function from a member to its kubeconfig (JSON), "" when there is none."""


class NotReleasedError(FederationError):
    """An orphan's managed label could not be taken, so it is not forgotten."""


def release_hook(kubeconfigs: Kubeconfigs) -> pulumi.ResourceHook | None:
    """The hook for orphans. Every run registers it, since an orphan may go when no document mentions it.

    ``None`` where the engine has no hooks (Pulumi's mocks).
    """
    if not monitor_supports_feature(resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS):
        return None

    async def run(args: pulumi.ResourceHookArgs) -> None:
        await release(args, kubeconfigs)

    return pulumi.ResourceHook(NAME, run)


async def release(args: pulumi.ResourceHookArgs, kubeconfigs: Kubeconfigs) -> None:
    """Take the managed label from the orphan that is to be forgotten. Raises ``NotReleasedError`` when that fails."""
    member = args.name.partition("/")[0]
    kubeconfig = await kubeconfigs(member)
    if not kubeconfig:
        pulumi.log.warn(_forgotten_member(args.name, member, args.old_inputs or {}))
        return
    try:
        await asyncio.to_thread(take_label, kubeconfig, args.old_inputs or {})
    except api_client.FAULTS as error:
        raise _not_released(args, str(error) or type(error).__name__) from None


def take_label(kubeconfig: str, manifest: Mapping[str, Any]) -> None:
    """Take the managed label from the object that ``manifest`` names; an object that is gone is not an error.

    Raises what lightkube raises when the member does not answer or refuses.
    """
    metadata = manifest["metadata"]
    namespace = metadata.get("namespace", "")
    resource = api_client.resource(manifest["apiVersion"], manifest["kind"], namespaced=bool(namespace))
    patch = {"metadata": {"labels": {MANAGED_LABEL: None}}}
    options: dict[str, Any] = {"patch_type": PatchType.MERGE, "field_manager": FIELD_MANAGER}
    try:
        api_client.client(kubeconfig, api_client.SECONDS).patch(
            resource, metadata["name"], patch, **options, **({"namespace": namespace} if namespace else {})
        )
    except ApiError as error:
        details = error.status.details
        if error.status.code != HTTPStatus.NOT_FOUND or details is None or details.name != metadata["name"]:
            raise


def _forgotten_member(name: str, member: str, manifest: Mapping[str, Any]) -> str:
    metadata = manifest.get("metadata") or {}
    where = f"-n {metadata['namespace']} " if metadata.get("namespace") else ""
    return (
        f"{name} stays with its label {MANAGED_LABEL}: {member} has no kubeconfig now. "
        f"Remove the label by hand: kubectl {where}label {manifest.get('kind', '')} {metadata.get('name', '')} "
        f"{MANAGED_LABEL}-"
    )


def _not_released(args: pulumi.ResourceHookArgs, why: str) -> NotReleasedError:
    return NotReleasedError(
        f"{args.name} is to stay without its label {MANAGED_LABEL}, and the label could not be removed: {why}; "
        f"update again when the member answers, or remove the label by hand and run `pulumi state delete '{args.urn}'`"
    )
