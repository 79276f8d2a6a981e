"""Read objects of a live cluster, of any type that its API server serves; discovery finds types, as in kubectl."""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
from lightkube import KubeConfig
from lightkube.config.kubeconfig import SingleConfig
from lightkube.core.exceptions import ConfigError

from federation.api.reading.dispatch import Unread
from federation.components.clusters import api_client
from federation.errors.fault import FederationError
from federation.errors.source import Source
from federation.migration import federating

__all__ = ["LiveCluster", "LiveClusterError", "Resource"]

SECONDS: Final = 30.0
PAGE: Final = 500  # objects in one response


class LiveClusterError(FederationError):
    """A cluster could not be reached, refused a request, or does not have the requested object or type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A type as discovery lists it."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool
    words: frozenset[str]  # what people call it

    def path(self, namespace: str, name: str = "") -> str:
        """The path of its objects, below the API server's address."""
        root = "/apis/" if "/" in self.api_version else "/api/"
        inside = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{self.api_version}{inside}/{self.plural}" + (f"/{name}" if name else "")


class LiveCluster:
    """One cluster, read with the user's own kubeconfig and rights."""

    def __init__(self, kubeconfig: Path | None, context: str) -> None:
        try:
            file = kubeconfig or Path(os.environ.get("KUBECONFIG") or Path.home() / ".kube" / "config")
            config = KubeConfig.from_file(file).get(context or None)
        except (ConfigError, OSError, LookupError, TypeError, ValueError) as error:
            msg = f"the kubeconfig does not lead to a cluster: {error}; name it with --kubeconfig, or --context"
            raise LiveClusterError(msg) from None
        if config is None:
            raise LiveClusterError("the kubeconfig names no cluster; choose one with --context")
        self.name = config.context_name or "the cluster"
        self.namespace = config.namespace or "default"
        self._client = _client(config, self.name, SECONDS)

    @classmethod
    def of_member(cls, name: str, kubeconfig: str, seconds: float) -> "LiveCluster":
        """The cluster of a member, by the ``kubeconfig`` (JSON) that the last update left; each request may take
        ``seconds``."""
        try:
            config = api_client.config(kubeconfig)
        except api_client.FAULTS as error:
            raise LiveClusterError(f"{name} cannot be reached: {error or type(error).__name__}") from None
        made = cls.__new__(cls)
        made.name, made.namespace = name, "default"
        made._client = _client(config, name, seconds)  # noqa: SLF001 -- its own
        return made

    def find_type(self, kind: str) -> Resource:
        """The type that people call ``kind``."""
        return self._resource(kind)

    def get(self, path: str, query: Mapping[str, str] | None = None, *, accept: str = "") -> dict[str, Any]:
        """The response to one request as JSON; empty when the path does not exist."""
        return self._get(path, query, accept=accept) or {}

    def lines(self, path: str, query: Mapping[str, str], *, endless: bool = False) -> Iterator[str]:
        """The lines of a text as they arrive; an ``endless`` text may pause for any time."""
        timeout = httpx2.Timeout(SECONDS, read=None) if endless else httpx2.USE_CLIENT_DEFAULT
        try:
            with self._client.stream("GET", path, params=dict(query), timeout=timeout) as response:
                if response.is_error:
                    response.read()
                    raise LiveClusterError(
                        f"{self.name} refuses GET {path}: {response.status_code} {_reason(response)}"
                    )
                yield from response.iter_lines()
        except (httpx2.HTTPError, OSError, ValueError) as error:
            raise LiveClusterError(f"{self.name} {api_client.failure(error)}") from None

    def one(self, kind: str, name: str, namespace: str) -> Unread:
        """The object ``name`` of ``kind`` (as kubectl takes it: ``deploy``, ``deployments.apps``, ``Deployment``)."""
        resource = self._resource(kind)
        tree = self._get(resource.path(namespace, name))
        if tree is None:
            where = f" in namespace {namespace}" if resource.namespaced else ""
            raise LiveClusterError(f"{self.name} has no {resource.kind} {name}{where}")
        return self._unread(resource, tree)

    def inside(self, namespace: str, skipped: Collection[str]) -> Iterator[Unread]:
        """Every object in ``namespace``, of every type that can be listed and that is not ``skipped``."""
        for resource in self._resources():
            if resource.namespaced and not federating.is_skipped(resource.api_version, resource.kind, skipped):
                for tree in self._list(resource, namespace):
                    yield self._unread(resource, tree)

    def _unread(self, resource: Resource, tree: Mapping[str, Any]) -> Unread:
        whole = {"apiVersion": resource.api_version, "kind": resource.kind, **tree}
        metadata = tree.get("metadata", {})
        parts = (self.name, metadata.get("namespace", ""), resource.kind, metadata.get("name", ""))
        return Unread(tree=whole, source=Source(file="/".join(part for part in parts if part)))

    def _resource(self, kind: str) -> Resource:
        found = [resource for resource in self._resources() if kind.lower() in resource.words]
        if not found:
            plurals = ", ".join(sorted({resource.plural for resource in self._resources()}))
            raise LiveClusterError(f'{self.name} has no type "{kind}" (it has: {plurals})')
        return found[0]

    def _resources(self) -> list[Resource]:
        """Every type once, in its group's preferred version; the core group first, the others sorted."""
        groups = (self._get("/apis") or {}).get("groups") or []
        versions = ["v1", *sorted(group["preferredVersion"]["groupVersion"] for group in groups)]
        found = []
        for version in versions:
            # A group whose API server is down answers 503; the other groups are listed all the same.
            response = self._get(("/apis/" if "/" in version else "/api/") + version, tolerate=True) or {}
            found += [_resource(version, each) for each in response.get("resources") or [] if _is_listed(each)]
        return found

    def _list(self, resource: Resource, namespace: str) -> Iterator[Mapping[str, Any]]:
        token = ""
        while True:
            response = self._get(
                resource.path(namespace), {"limit": str(PAGE)} | ({"continue": token} if token else {})
            )
            yield from (response or {}).get("items") or []
            token = ((response or {}).get("metadata") or {}).get("continue") or ""
            if not token:
                return

    def _get(
        self, path: str, query: Mapping[str, str] | None = None, *, tolerate: bool = False, accept: str = ""
    ) -> dict[str, Any] | None:
        """The response as JSON; ``None`` when the path does not exist."""
        try:
            headers = {"Accept": accept} if accept else {}
            response = self._client.get(path, params=dict(query or {}), headers=headers)
            if response.status_code == httpx2.codes.NOT_FOUND or (tolerate and response.is_server_error):
                return None
            response.raise_for_status()
            tree = response.json()
        except httpx2.HTTPStatusError as error:
            reason = _reason(error.response)
            raise LiveClusterError(f"{self.name} refuses GET {path}: {error.response.status_code} {reason}") from None
        except (httpx2.HTTPError, OSError, ValueError) as error:
            raise LiveClusterError(f"{self.name} {api_client.failure(error)}") from None
        return tree if isinstance(tree, dict) else None


def _client(config: SingleConfig, name: str, seconds: float) -> httpx2.Client:
    try:
        return api_client.http_client(config, seconds)
    except (ConfigError, OSError, ValueError, AssertionError) as error:
        raise LiveClusterError(f"context {name} cannot be used: {error}") from None


def _resource(version: str, listed: Mapping[str, Any]) -> Resource:
    group = version.rpartition("/")[0]
    names = {listed["name"], listed.get("singularName") or listed["kind"].lower(), *(listed.get("shortNames") or ())}
    names.add(listed["kind"].lower())
    words = {name.lower() for name in names}
    return Resource(
        api_version=version,
        kind=listed["kind"],
        plural=listed["name"],
        namespaced=bool(listed.get("namespaced")),
        words=frozenset(words | {f"{word}.{group}" for word in words if group}),
    )


def _is_listed(listed: Mapping[str, Any]) -> bool:
    return "/" not in listed["name"] and {"get", "list"} <= set(listed.get("verbs") or ())


def _reason(response: httpx2.Response) -> str:
    try:
        return str(response.json().get("message", ""))
    except (ValueError, AttributeError):
        return response.reason_phrase
