"""Make clients of live clusters, and word their failures. All requests to a cluster go through here.

Only what the engine cannot do uses them: reading live objects, and taking the managed label from objects that are left
in place. A member does not answer when no response to a request arrives; a refusal is an answer.

Members are read in several threads at once, which lightkube does not support. It resolves type hints of kubeconfigs and
of responses at first use, and a second thread that finds this half done ends the whole process. A kind of the core
group cannot be registered twice either. So both happen here first, in one thread at a time.
"""

import json
import subprocess
from functools import cache
from threading import Lock
from typing import Final

import httpx2
from lightkube import ApiError, Client, KubeConfig
from lightkube.config import client_adapter
from lightkube.config.kubeconfig import SingleConfig
from lightkube.core import decoders
from lightkube.core.exceptions import ConfigError
from lightkube.generic_resource import (
    GenericGlobalResource,
    GenericNamespacedResource,
    create_global_resource,
    create_namespaced_resource,
)

from federation.api.model import types

__all__ = [
    "FAULTS",
    "PROBE_SECONDS",
    "SECONDS",
    "Resource",
    "client",
    "config",
    "failure",
    "http_client",
    "is_silence",
    "resource",
]

Resource = type[GenericNamespacedResource | GenericGlobalResource]

FAULTS: Final = (
    ApiError,
    AttributeError,
    ConfigError,
    httpx2.HTTPError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
    subprocess.SubprocessError,
)
"""The errors of a request by a kubeconfig of any content."""

SECONDS: Final = 10.0
"""The limit of one request."""

PROBE_SECONDS: Final = 5.0
"""The limit of one request that only finds out which members answer, before an update or a refresh."""

_ONE_AT_A_TIME: Final = Lock()


def client(kubeconfig: str, seconds: float) -> Client:
    """A client by ``kubeconfig`` (JSON), with a limit of ``seconds`` a request. Raises what `config` raises."""
    return Client(config(kubeconfig), timeout=httpx2.Timeout(seconds), trust_env=False)


def http_client(config: SingleConfig, seconds: float) -> httpx2.Client:
    """A client for what lightkube has no requests for: discovery, tables, logs. Raises one of `FAULTS`."""
    return client_adapter.Client(
        config, client_adapter.ConnectionParams(timeout=httpx2.Timeout(seconds), trust_env=False)
    )


def is_silence(error: Exception) -> bool:
    """Whether no response arrived."""
    return isinstance(error, httpx2.TransportError)


def failure(error: Exception) -> str:
    """What a member does in place of giving what was requested: ``does not answer: timed out``."""
    what = "does not answer" if is_silence(error) else "refuses" if isinstance(error, ApiError) else "cannot be read"
    return f"{what}: {str(error) or type(error).__name__}"


def config(kubeconfig: str) -> SingleConfig:
    """The cluster and the user of ``kubeconfig`` (JSON). Raises one of `FAULTS` when it names no cluster."""
    tree = json.loads(kubeconfig)
    with _ONE_AT_A_TIME:
        single = KubeConfig.from_dict(tree).get()
    if single is None:  # lightkube would use the user's own kubeconfig: some other cluster
        raise ConfigError("it names no cluster")
    return single


def resource(api_version: str, kind: str, *, namespaced: bool) -> Resource:
    """The lightkube resource of a kind; its plural follows KubeFed's rule."""
    with _ONE_AT_A_TIME:
        return _resource(api_version, kind, namespaced=namespaced)


@cache
def _resource(api_version: str, kind: str, *, namespaced: bool) -> Resource:
    group, _, version = api_version.rpartition("/")
    create = create_namespaced_resource if namespaced else create_global_resource
    made: Resource = create(group, version, kind, types.plural(kind))
    decoders.decode_list(b'{"items": []}', made)
    decoders.decode_status(b"{}")
    return made
