"""How is a member asked directly, beside the engine? By the kubeconfig through which the engine reaches it.

Only what the engine cannot do goes this way: looking, and taking the managed label from objects that are left standing.

Members are asked in several threads at once, which lightkube is not made for: how the answers of a kind are read is
worked out when the first one comes, and a second thread that finds this half done ends the whole process. So it is
worked out here, before anybody asks.
"""

import json
from functools import cache
from threading import Lock

import httpx2
from lightkube import Client, KubeConfig
from lightkube.core import decoders
from lightkube.generic_resource import (
    GenericGlobalResource,
    GenericNamespacedResource,
    create_global_resource,
    create_namespaced_resource,
)

from federation.api import types

__all__ = ["Resource", "client", "resource"]

Resource = type[GenericNamespacedResource | GenericGlobalResource]

REGISTRY = Lock()


def client(kubeconfig: str, seconds: float) -> Client:
    """A client by ``kubeconfig`` (JSON), each of whose requests may take ``seconds``.

    Raises what lightkube raises of a kubeconfig that leads nowhere.
    """
    config = KubeConfig.from_dict(json.loads(kubeconfig)).get()
    return Client(config, timeout=httpx2.Timeout(seconds), trust_env=False)


@cache
def resource(api_version: str, kind: str, *, namespaced: bool) -> Resource:
    """The resource that lightkube reads and writes objects of a kind by; its plural goes by KubeFed's rule."""
    group, _, version = api_version.rpartition("/")
    create = create_namespaced_resource if namespaced else create_global_resource
    with REGISTRY:
        made = create(group, version, kind, types.plural(kind))
        decoders.decode_list(b'{"items": []}', made)
        decoders.decode_status(b"{}")
        return made
