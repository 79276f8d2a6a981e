"""Ask the engine what the last update of this very stack left behind, before anything is planned.

The engine reads it from the backend by functions of its own, so that this works wherever the stack is kept, in a
preview as in an update, and needs no second ``pulumi``. What stands is told by the state itself rather than by the
outputs: it is right also when the last update failed or was killed half-way. And it is asked once a run, since what
the run itself writes is nothing that the last one left.
"""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import grpc
import pulumi
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_monitor

from federation.errors.fault import FederationError
from federation.plan.changes import memory
from federation.plan.changes.memory import Memory
from federation.plan.changes.renames import Renames
from federation.plan.model import object_index
from federation.plan.model import standing as aws_state
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.trees import mapping

__all__ = [
    "CLUSTER",
    "IDENTITY",
    "KUBECONFIGS",
    "EngineState",
    "LastUpdate",
    "LastUpdateUnknownError",
    "StandingCluster",
    "completed",
    "observe",
    "read",
    "resources",
    "standing",
]

KUBECONFIGS = "kubeconfigs"
IDENTITY = "identity"

# The engine writes while the program runs, and a file backend's file of attributes is written in place: for a moment
# it is empty, and the state cannot be read.
BEING_WRITTEN = "failed to load checkpoint: EOF"
PATIENCE = 10.0  # seconds
PAUSE = 0.05
_RESOURCES = ("pulumi:pulumi:readStackResourceOutputs", "stackName")
_MEMBERSHIP = "eks-federation:index:Membership"
_PROVIDER = "pulumi:providers:kubernetes"
CLUSTER = "eks-federation:index:EksCluster"


class LastUpdateUnknownError(FederationError):
    """The engine does not tell what the last update left behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastUpdate:
    """What the last update of a federation left, all empty before the first: by member, what was registered in it, and
    how it is reached (``kubeconfigs``, which do not show in ``repr``); ``held`` are the members that it held. ``zone``
    is the hosted zone that it made, ``dns_names`` its public names. ``foreign`` are members of the stack that belong to
    another federation."""

    index: Mapping[str, tuple[IndexEntry, ...]] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    kubeconfigs: Mapping[str, str] = field(default_factory=dict, repr=False)
    zone: str = ""
    dns_names: tuple[str, ...] = ()
    foreign: frozenset[str] = frozenset()

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
class EngineState:
    """What the state holds: the ``urns`` of its resources, sorted, by member which cluster it has joined by (its
    identity; none of members that an earlier version joined), and by ``eks`` member its cluster. ``infrastructure``
    has what stands below those clusters, by URN: its properties, with their text where they are one. ``federations``
    have by name what each left (``None``: nothing yet), ``kubeconfigs`` by member how its provider reaches it.
    ``on_aws`` is by member what its infrastructure comes to, ``protected_zone`` the hosted zone that is protected."""

    urns: tuple[str, ...] = ()
    identities: Mapping[str, str] = field(default_factory=dict)
    clusters: Mapping[str, StandingCluster] = field(default_factory=dict)
    infrastructure: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    federations: Mapping[str, Memory | None] = field(default_factory=dict)
    kubeconfigs: Mapping[str, str] = field(default_factory=dict, repr=False)
    on_aws: Mapping[str, aws_state.Standing] = field(default_factory=dict)
    protected_zone: str = ""


_NO_RENAMES = Renames()


def read(federation: str = "", members: Collection[str] = (), tag: str = "") -> LastUpdate:
    """What the ``federation`` of that resource name and these ``members`` left; without a name, what the whole stack
    has. ``tag`` is its name on AWS, "" where nobody knows. A program of one's own may have other outputs under these
    names, which are passed over."""
    stood, outputs = standing(), _outputs(get_monitor())
    known = stood.federations
    left, others = memory.of(federation, members, known, outputs) if federation else (memory.all_of(known, outputs), {})
    standing_members = object_index.from_urns(stood.urns, {}).keys() | stood.identities.keys() | stood.clusters.keys()
    tagged = [name for name, each in stood.on_aws.items() if tag and each.federation not in ("", tag)]
    earlier = {name: text for name, text in mapping(outputs.get(KUBECONFIGS)).items() if isinstance(text, str)}
    return LastUpdate(
        index=left.index,
        held=left.held,
        kubeconfigs={**earlier, **stood.kubeconfigs},
        zone=left.zone,
        dns_names=left.dns_names,
        foreign=memory.foreign(left, members, others, standing_members, tagged),
    )


@lru_cache(maxsize=1)
def _outputs(monitor: Any) -> Mapping[str, Any]:
    """The outputs of the stack itself."""
    return _tree(_asked(monitor, "pulumi:pulumi:readStackOutputs", "name"))


def observe(last: LastUpdate) -> Observed:
    """What a plan has to know of ``last``. What stands, and where, is told by the state: also after an update that
    failed."""
    stood = standing()
    roles = {name: each.role_arn for name, each in stood.clusters.items() if each.role_arn is not None}
    registered = object_index.from_urns(stood.urns, last.index)
    return Observed(
        registered={name: each for name, each in registered.items() if name not in last.foreign},
        held_before=last.held,
        identities_before={name: each for name, each in stood.identities.items() if name not in last.foreign},
        roles_before={name: each for name, each in roles.items() if name not in last.foreign},
        zone_before=last.zone,
        names_before=last.dns_names,
        clusters={name: each for name, each in stood.on_aws.items() if name not in last.foreign},
        protected_zone=stood.protected_zone,
    )


def completed(observed: Observed, last: LastUpdate, identities: Mapping[str, str]) -> Observed:
    """``observed``, and what the state knows of ``last`` wherever nobody has looked yet; ``identities`` are those that
    members have by config now."""
    known = observe(last)
    return replace(
        observed,
        registered=known.registered if observed.registered is None else observed.registered,
        held_before=observed.held_before or known.held_before,
        identities=observed.identities or identities,
        identities_before=observed.identities_before or known.identities_before,
        roles_before=observed.roles_before or known.roles_before,
        zone_before=observed.zone_before or known.zone_before,
        names_before=observed.names_before or known.names_before,
        clusters=observed.clusters or known.clusters,
        protected_zone=observed.protected_zone or known.protected_zone,
    )


def resources() -> Mapping[str, Mapping[str, Any]]:
    """The resources in the stack's state as the run began: ``type`` and ``outputs`` by URN."""
    return _tree(_asked(get_monitor(), *_RESOURCES))


def standing(renames: Renames = _NO_RENAMES) -> EngineState:
    """What the stack's state held as the run began; much faster than with all that the resources hold.

    Members have their present names, as ``renames`` tell them; URNs stay as they are.
    """
    return _standing(get_monitor(), renames)


@lru_cache(maxsize=2)
def _standing(monitor: Any, renames: Renames) -> EngineState:
    found = _resources(monitor)
    needed = {urn: _plain_outputs(found[urn]) for urn in found if aws_state.is_needed(urn)}
    told = {_member(urn): _output(found[urn], IDENTITY) for urn in found if _token(urn) == _MEMBERSHIP}
    return EngineState(
        urns=tuple(sorted(found)),
        identities=renames.keyed({name: text for name, text in sorted(told.items()) if text}),
        clusters=_clusters(found, renames),
        infrastructure={urn: _properties(found[urn]) for urn in sorted(found) if f"${CLUSTER}$" in urn},
        federations=memory.federations({urn: _plain_outputs(found[urn]) for urn in found if _is_federation(urn)}),
        kubeconfigs=renames.keyed(_kubeconfigs(found)),
        on_aws=renames.keyed(aws_state.clusters(needed)),
        protected_zone=aws_state.protected_zone(needed),
    )


@lru_cache(maxsize=1)
def _resources(monitor: Any) -> Mapping[str, struct_pb2.Value]:
    return dict(_asked(monitor, *_RESOURCES).fields)


def _is_federation(urn: str) -> bool:
    return _token(urn) == memory.COMPONENT


def _kubeconfigs(found: Mapping[str, struct_pb2.Value]) -> Mapping[str, str]:
    """By member, what its provider reaches it by: known also where the last update failed before its end."""
    texts = {_member(urn): _texts(found[urn]).get("kubeconfig", "") for urn in sorted(found) if _is_provider(urn)}
    return {name: text for name, text in texts.items() if text not in ("", rpc.UNKNOWN)}


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
    return {key: value for key, value in _plain_outputs(resource).items() if isinstance(value, str)}


def _plain_outputs(resource: struct_pb2.Value) -> Mapping[str, Any]:
    return mapping(_tree(resource.struct_value).get("outputs"))


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
