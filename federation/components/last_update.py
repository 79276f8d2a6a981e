"""Ask the engine what the last update of this very stack left behind, before anything is planned.

The engine reads it from the backend by functions of its own, so that this works wherever the stack is kept, in a
preview as in an update, and needs no second ``pulumi``. What stands is told by the state itself rather than by the
outputs: it is right also when the last update failed or was killed half-way. And it is asked once a run, since what
the run itself writes is nothing that the last one left.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import grpc
import pulumi
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_monitor

from federation.errors import FederationError
from federation.plan import held_index, trees
from federation.plan.changes import standing as aws_state
from federation.plan.changes.renames import Renames
from federation.plan.held_index import IndexEntry
from federation.plan.observed import Observed
from federation.plan.trees import mapping

__all__ = [
    "CLUSTER",
    "DNS_NAMES",
    "HELD",
    "IDENTITIES",
    "IDENTITY",
    "INDEX",
    "KUBECONFIGS",
    "RECORDS",
    "ROLES",
    "ZONE",
    "LastUpdate",
    "LastUpdateUnknownError",
    "Standing",
    "StandingCluster",
    "completed",
    "observe",
    "read",
    "resources",
    "standing",
]

INDEX = "index"
HELD = "held"
IDENTITIES = "identities"
KUBECONFIGS = "kubeconfigs"
DNS_NAMES = "dnsNames"
RECORDS = "records"
ZONE = "zone"
IDENTITY = "identity"
ROLES = "roles"

# The engine writes while the program runs, and a file backend's file of attributes is written in place: for a moment
# it is empty, and the state cannot be read.
BEING_WRITTEN = "failed to load checkpoint: EOF"
PATIENCE = 10.0  # seconds
PAUSE = 0.05
_RESOURCES = ("pulumi:pulumi:readStackResourceOutputs", "stackName")
_MEMBERSHIP = "eks-federation:index:Membership"
_PROVIDER = "pulumi:providers:kubernetes"
CLUSTER = aws_state.CLUSTER


class LastUpdateUnknownError(FederationError):
    """The engine does not tell what the last update left behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastUpdate:
    """Outputs of the last update, all empty before the first: by member, what was registered in it, and how it is
    reached (``kubeconfigs``, which do not show in ``repr``); ``held`` are the members that it held. ``zone`` is the
    hosted zone that it made, ``dns_names`` its public names."""

    index: Mapping[str, tuple[IndexEntry, ...]] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    kubeconfigs: Mapping[str, str] = field(default_factory=dict, repr=False)
    zone: str = ""
    dns_names: tuple[str, ...] = ()

    def by(self, renames: Renames) -> "LastUpdate":
        """The same by the present names of members."""
        held = tuple(sorted({renames.member(name) for name in self.held}))
        return replace(self, index=renames.index(self.index), held=held, kubeconfigs=renames.keyed(self.kubeconfigs))


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingCluster:
    """How an ``eks`` member's Kubernetes provider reaches its cluster, "" while there is none. ``role_arn`` is the role
    that deployed it: "" for none, ``None`` where nobody knows."""

    identifier: str = ""
    kubeconfig: str = field(default="", repr=False)
    role_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the state holds: the ``urns`` of its resources, sorted, by member which cluster it has joined by (its
    identity; none of members that an earlier version joined), and by ``eks`` member its cluster. ``infrastructure``
    has what stands below those clusters, by URN: its properties, with their text where they are one; ``on_aws`` what
    that comes to by member, and ``protected_zone`` is the hosted zone that is protected."""

    urns: tuple[str, ...] = ()
    identities: Mapping[str, str] = field(default_factory=dict)
    clusters: Mapping[str, StandingCluster] = field(default_factory=dict)
    infrastructure: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    on_aws: Mapping[str, aws_state.Standing] = field(default_factory=dict)
    protected_zone: str = ""


_NO_RENAMES = Renames()


def read() -> LastUpdate:
    """Read the stack's own outputs; a program of one's own may have others under these names, which are passed over."""
    return _read(get_monitor())


@lru_cache(maxsize=1)
def _read(monitor: Any) -> LastUpdate:
    outputs = _tree(_asked(monitor, "pulumi:pulumi:readStackOutputs", "name"))
    kubeconfigs = mapping(outputs.get(KUBECONFIGS))
    return LastUpdate(
        index=held_index.from_output(outputs.get(INDEX)),
        held=tuple(sorted(mapping(outputs.get(HELD)))),
        kubeconfigs={name: text for name, text in kubeconfigs.items() if isinstance(text, str)},
        zone="".join(trees.texts([outputs.get(ZONE)])),
        dns_names=trees.texts(outputs.get(DNS_NAMES)),
    )


def observe(last: LastUpdate, renames: Renames = _NO_RENAMES) -> Observed:
    """What a plan has to know of ``last``, which goes by present names as ``renames`` tell them. What stands, and
    where, is told by the state: also after an update that failed."""
    stood = standing()
    registered = held_index.from_urns(map(renames.logical_name, stood.urns), last.index)
    roles = {name: each.role_arn for name, each in stood.clusters.items() if each.role_arn is not None}
    found = Observed(
        registered=registered,
        held_before=last.held,
        identities_before=stood.identities,
        roles_before=roles,
        zone_before=last.zone,
        names_before=last.dns_names,
        clusters=stood.on_aws,
        protected_zone=stood.protected_zone,
    )
    return renames.observed(found)


def completed(observed: Observed, renames: Renames = _NO_RENAMES) -> Observed:
    """``observed`` by present names, and what the stack holds, where nobody has looked yet."""
    if observed.registered is not None:
        return renames.observed(observed)
    stood = standing()
    urns = map(renames.logical_name, stood.urns)
    found = replace(observed, clusters=stood.on_aws, protected_zone=stood.protected_zone)
    return replace(renames.observed(found), registered=held_index.from_urns(urns, read().by(renames).index))


def resources() -> Mapping[str, Mapping[str, Any]]:
    """The resources in the stack's state as the run began: ``type`` and ``outputs`` by URN."""
    return _tree(_asked(get_monitor(), *_RESOURCES))


def standing(renames: Renames = _NO_RENAMES) -> Standing:
    """What the stack's state held as the run began; much faster than with all that the resources hold.

    Members have their present names, as ``renames`` tell them; URNs stay as they are.
    """
    return _standing(get_monitor(), renames)


@lru_cache(maxsize=2)
def _standing(monitor: Any, renames: Renames) -> Standing:
    found = _resources(monitor)
    needed = {urn: mapping(_tree(found[urn].struct_value).get("outputs")) for urn in found if aws_state.is_needed(urn)}
    told = {_member(urn): _output(found[urn], IDENTITY) for urn in found if _token(urn) == _MEMBERSHIP}
    return Standing(
        urns=tuple(sorted(found)),
        identities=renames.keyed({name: text for name, text in sorted(told.items()) if text}),
        clusters=_clusters(found, renames),
        infrastructure={urn: _properties(found[urn]) for urn in sorted(found) if f"${CLUSTER}$" in urn},
        on_aws=renames.keyed(aws_state.clusters(needed)),
        protected_zone=aws_state.protected_zone(needed),
    )


@lru_cache(maxsize=1)
def _resources(monitor: Any) -> Mapping[str, struct_pb2.Value]:
    return dict(_asked(monitor, *_RESOURCES).fields)


def _clusters(found: Mapping[str, struct_pb2.Value], renames: Renames) -> Mapping[str, StandingCluster]:
    """The clusters of ``eks`` members. The provider's own settings are taken, and not the outputs of the components:
    those are unknown after an update that went on after an error."""
    made = renames.keyed({_member(urn): _texts(found[urn]) for urn in sorted(found) if _token(urn) == CLUSTER})
    providers = {_member(urn): urn for urn in found if _is_provider(urn)}
    reached = {name: _texts(found[urn]) for name, urn in renames.keyed(providers).items() if name in made}
    return {
        name: StandingCluster(
            identifier=reached.get(name, {}).get("clusterIdentifier", ""),
            kubeconfig=reached.get(name, {}).get("kubeconfig", ""),
            role_arn=outputs.get("roleArn"),
        )
        for name, outputs in made.items()
    }


def _is_provider(urn: str) -> bool:
    return urn.split("::", 3)[2].endswith(f"{_MEMBERSHIP}${_PROVIDER}")


def _properties(resource: struct_pb2.Value) -> Mapping[str, str]:
    outputs = resource.struct_value.fields["outputs"].struct_value.fields
    return {name: str(outputs[name].string_value) for name in sorted(outputs)}


def _texts(resource: struct_pb2.Value) -> Mapping[str, str]:
    outputs = mapping(_tree(resource.struct_value).get("outputs"))
    return {key: value for key, value in outputs.items() if isinstance(value, str)}


def _token(urn: str) -> str:
    return urn.split("::", 3)[2].rpartition("$")[2]


def _member(urn: str) -> str:
    return urn.split("::", 3)[3].partition("/")[0]


def _output(resource: struct_pb2.Value, name: str) -> str:
    """One output of a resource, "" where it is no text."""
    return str(resource.struct_value.fields["outputs"].struct_value.fields[name].string_value)


def _tree(outputs: struct_pb2.Struct) -> dict[str, Any]:
    tree: dict[str, Any] = _plain(json_format.MessageToDict(outputs))
    return tree


def _asked(monitor: Any, function: str, parameter: str) -> struct_pb2.Struct:
    """The ``outputs`` that a function of the engine's own answers with.

    Not by the SDK's ``invoke``: that looks up every resource which some output refers to (those of remote components
    are full of such references), and before the program has registered it there is nothing to be found.
    """
    if monitor is None:
        raise LastUpdateUnknownError("there is no engine to ask: this runs inside of a Pulumi program only")
    arguments = struct_pb2.Struct()
    arguments[parameter] = _own_name()
    request = resource_pb2.ResourceInvokeRequest(tok=function, args=arguments, acceptResources=False)
    answer: struct_pb2.Struct = getattr(_patiently(monitor, request), "return")
    return answer.fields["outputs"].struct_value


def _patiently(monitor: Any, request: resource_pb2.ResourceInvokeRequest) -> Any:
    """Ask, and ask again while the state is just being written."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return monitor.Invoke(request)
        except grpc.RpcError as error:
            if BEING_WRITTEN not in str(error) or time.monotonic() > deadline:
                msg = f"the engine does not tell what the last update left behind: {error}"
                raise LastUpdateUnknownError(msg) from None
        time.sleep(PAUSE)


def _own_name() -> str:
    return f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"


def _plain(value: Any) -> Any:
    """``value`` without the wrapping that marks secrets."""
    value = rpc.unwrap_rpc_secret(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
