"""How is a member asked directly, beside the engine? By the kubeconfig through which the engine reaches it.

Only what the engine cannot do goes this way: looking, and taking the managed label from objects that are left standing.

Members are asked in several threads at once, which lightkube is not made for. How a kubeconfig and the answers of a
kind are read is worked out when the first one comes, and a second thread that finds this half done ends the whole
process; and a kind of the core group cannot be registered twice. So both happen here, in one thread at a time, before
anybody asks.
"""

import json
import subprocess
from functools import cache
from threading import Lock
from typing import Final

import httpx2
from lightkube import ApiError, Client, KubeConfig
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

__all__ = ["FAULTS", "Resource", "client", "config", "resource"]

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
"""What asking a member by a kubeconfig that somebody else wrote can end in."""

_ONE_AT_A_TIME: Final = Lock()


def client(kubeconfig: str, seconds: float) -> Client:
    """A client by ``kubeconfig`` (JSON), each of whose requests may take ``seconds``. Raises what `config` raises."""
    return Client(config(kubeconfig), timeout=httpx2.Timeout(seconds), trust_env=False)


def config(kubeconfig: str) -> SingleConfig:
    """The cluster and the user of ``kubeconfig`` (JSON). Raises one of `FAULTS` when it leads nowhere."""
    tree = json.loads(kubeconfig)
    with _ONE_AT_A_TIME:
        found = KubeConfig.from_dict(tree).get()
    if found is None:  # lightkube would go by the user's own kubeconfig: some other cluster
        raise ConfigError("it names no cluster")
    return found


def resource(api_version: str, kind: str, *, namespaced: bool) -> Resource:
    """The resource that lightkube reads and writes objects of a kind by; its plural goes by KubeFed's rule."""
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
