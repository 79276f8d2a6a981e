"""Can the cluster of a provider be reached, and if not, why?

Asked once for the life of the process, as the official provider does, in the background from the moment the provider
is configured. A cluster that cannot be reached is no failure yet: whether it becomes one depends on the operation and
on the provider's `skipUpdateUnreachable` and `deleteUnreachable`.
"""

import asyncio

from sandbox.plugins.kubernetes import kubeconfig
from sandbox.plugins.kubernetes.client import Client
from sandbox.plugins.kubernetes.discovery import CLUSTER_SCOPED, Discovery
from sandbox.plugins.kubernetes.errors import ApiError, UnreachableError
from sandbox.plugins.kubernetes.settings import Settings

ANSWER_SECONDS = 10.0
"""How long an API server may take to name its kinds before it counts as unreachable."""


class Cluster:
    """The cluster that a provider is configured for."""

    def __init__(self, settings: Settings, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Start looking for the cluster; needs a running event loop."""
        self.settings = settings
        self.namespace = settings.namespace or "default"
        self._answer_seconds = answer_seconds
        self._client: Client | None = None
        self._discovery: Discovery | None = None
        self._fault = ""
        self._search = asyncio.create_task(self._look())

    async def fault(self) -> str:
        """Return why the cluster is unreachable; empty if it is not."""
        # A request that the engine gives up must not take the search with it, on which others wait.
        await asyncio.shield(self._search)
        return self._fault

    async def connection(self) -> tuple[Client, Discovery]:
        """Return the client and the kinds. Raises `UnreachableError`."""
        fault = await self.fault()
        if fault or self._client is None or self._discovery is None:
            raise UnreachableError(fault)
        return self._client, self._discovery

    async def namespaced(self, api_version: str, kind: str, *, otherwise: bool) -> bool:
        """Say whether objects of a kind live in namespaces.

        For Kubernetes' own kinds that is known without asking; `otherwise` is the answer if the cluster does not know
        the kind or cannot be asked.
        """
        if kind in CLUSTER_SCOPED:
            return False
        if await self.fault() or self._discovery is None:
            return otherwise
        found = self._discovery.known(api_version, kind)
        return otherwise if found is None else found.namespaced

    async def _look(self) -> None:
        settings = self.settings
        try:
            access = kubeconfig.resolve(settings.kubeconfig, context=settings.context, cluster=settings.cluster)
            self.namespace = settings.namespace or access.namespace
            self._client = Client(access, timeout=settings.timeout)
            self._discovery = Discovery(self._client)
            await self._client.login()
            await asyncio.wait_for(self._discovery.load(), self._answer_seconds)
        except UnreachableError as error:
            self._fault = str(error)
        except ApiError as error:
            self._fault = f"the API server at {access.server} refused the login: {error.message}"
        except TimeoutError:
            self._fault = f"the API server at {access.server} did not answer within {self._answer_seconds:g} s"
