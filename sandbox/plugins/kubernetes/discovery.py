"""Under which path does an API server keep objects of a kind, and do they live in namespaces?

The whole of it comes in two requests (aggregated discovery). A kind that is not there is looked for again, because a
CustomResourceDefinition may just have been made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from sandbox.plugins.kubernetes.client import Client

_AGGREGATED: Final = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

CLUSTER_SCOPED: Final = frozenset(
    {
        "APIService",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingWebhookConfiguration",
    }
)
"""Kubernetes' own kinds without a namespace, for when the cluster cannot be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind that an API server knows."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def collection(self, namespace: str) -> str:
        """Return the path of the objects of this kind in a namespace (ignored for kinds without)."""
        root = f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        middle = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced else ""
        return f"{root}{middle}/{self.plural}"

    def path(self, namespace: str, name: str) -> str:
        """Return the path of one object."""
        return f"{self.collection(namespace)}/{quote(name, safe='')}"


class Discovery:
    """The kinds that one API server knows."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._kinds: dict[tuple[str, str], Kind] = {}

    async def load(self) -> None:
        """Ask for all kinds. Raises `UnreachableError` and `ApiError`."""
        kinds: dict[tuple[str, str], Kind] = {}
        for root in ("/api", "/apis"):
            kinds |= parse(await self._client.get(root, accept=_AGGREGATED))
        self._kinds = kinds

    async def find(self, api_version: str, kind: str) -> Kind | None:
        """Return a kind, after a second look if it was not known at the first; None if there is none."""
        if (api_version, kind) not in self._kinds:
            await self.load()
        return self._kinds.get((api_version, kind))

    def known(self, api_version: str, kind: str) -> Kind | None:
        """Return a kind if it was known at the last look."""
        return self._kinds.get((api_version, kind))


def parse(answer: Mapping[str, Any]) -> dict[tuple[str, str], Kind]:
    """Read an `APIGroupDiscoveryList` into kinds by apiVersion and kind."""
    kinds: dict[tuple[str, str], Kind] = {}
    for group in answer.get("items") or []:
        name = (group.get("metadata") or {}).get("name", "")
        for version in group.get("versions") or []:
            api_version = f"{name}/{version['version']}" if name else version["version"]
            for resource in version.get("resources") or []:
                kind = (resource.get("responseKind") or {}).get("kind", "")
                kinds[api_version, kind] = Kind(
                    api_version=api_version,
                    kind=kind,
                    plural=resource["resource"],
                    namespaced=resource.get("scope") == "Namespaced",
                )
    return kinds
