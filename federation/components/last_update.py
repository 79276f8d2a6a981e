"""Read the state that the last update of this stack left, from the engine, before anything is planned.

The engine reads it from the backend by its own functions. So this works with every backend, in a preview as in an
update, and needs no second ``pulumi``. Existing resources are read from the state itself, not from outputs: the state
is right also after an update that failed or was killed. It is read once a run, since the run itself writes to it.
"""

import time
from collections.abc import Collection, Mapping, Sequence
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
    "StateCluster",
    "complete_observed",
    "engine_state",
    "full_name",
    "read_last_update",
    "state_resources",
    "to_observed",
]

KUBECONFIGS = "kubeconfigs"
IDENTITY = "identity"

# The engine writes while the program runs. A file backend writes its attributes file in place: for a moment that file
# is empty, and the state cannot be read.
BEING_WRITTEN = "failed to load checkpoint: EOF"
UNKNOWN_STACK = "unknown stack"
PATIENCE = 10.0  # seconds
PAUSE = 0.05
_RESOURCES = ("pulumi:pulumi:readStackResourceOutputs", "stackName")
_MEMBERSHIP = "eks-federation:index:Membership"
_PROVIDER = "pulumi:providers:kubernetes"
CLUSTER = "eks-federation:index:EksCluster"


class LastUpdateUnknownError(FederationError):
    """The engine does not return the state of the last update."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastUpdate:
    """What the last update of a federation left; all fields are empty before the first update.

    ``index`` has by member the registered objects. ``kubeconfigs`` has by member how it is reached, and does not show
    in ``repr``. ``quarantined`` are the members that were in quarantine. ``zone`` is the hosted zone that the update
    made, ``dns_names`` its public names. ``foreign`` are members of the stack that belong to another federation.
    """

    index: Mapping[str, tuple[IndexEntry, ...]] = field(default_factory=dict)
    quarantined: tuple[str, ...] = ()
    kubeconfigs: Mapping[str, str] = field(default_factory=dict, repr=False)
    zone: str = ""
    dns_names: tuple[str, ...] = ()
    foreign: frozenset[str] = frozenset()

    def by(self, renames: Renames) -> "LastUpdate":
        """The same by the present names of members."""
        quarantined = tuple(sorted({renames.member(name) for name in self.quarantined}))
        return replace(
            self, index=renames.index(self.index), quarantined=quarantined, kubeconfigs=renames.keyed(self.kubeconfigs)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCluster:
    """How an ``eks`` member's Kubernetes provider reaches its cluster, "" while there is none. ``role_arn`` is the role
    that deployed it: "" for none, ``None`` where it is unknown."""

    identifier: str = ""
    kubeconfig: str = field(default="", repr=False)
    role_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineState:
    """What the state holds: the ``urns`` of its resources, sorted, and what follows from them.

    ``identities`` has by member the identity of the cluster that it joined; none for members that an earlier version
    joined. ``clusters`` has by ``eks`` member its cluster. ``infrastructure`` has by URN the properties of resources
    below those clusters, "" where a property is not text. ``federations`` has by name what each left (``None``: nothing
    yet). ``kubeconfigs`` has by member how its provider reaches it. ``on_aws`` summarises by member its
    infrastructure. ``protected_zone`` is the hosted zone that is protected.
    """

    urns: tuple[str, ...] = ()
    identities: Mapping[str, str] = field(default_factory=dict)
    clusters: Mapping[str, StateCluster] = field(default_factory=dict)
    infrastructure: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    federations: Mapping[str, Memory | None] = field(default_factory=dict)
    kubeconfigs: Mapping[str, str] = field(default_factory=dict, repr=False)
    on_aws: Mapping[str, aws_state.Standing] = field(default_factory=dict)
    protected_zone: str = ""


_NO_RENAMES = Renames()


def read_last_update(
    federation: str = "", members: Collection[str] = (), tag: str = "", state: EngineState | None = None
) -> LastUpdate:
    """What the ``federation`` of that resource name and these ``members`` left; without a name, what the whole stack
    has. ``tag`` is its name on AWS, "" where it is unknown. Outputs of these names that a user's own program gives
    another form are ignored. ``state`` is that of the stack itself unless given."""
    state, outputs = state or engine_state(), _outputs(get_monitor())
    federations = state.federations
    left, others = (
        memory.find_memory(federation, members, federations, outputs)
        if federation
        else (memory.combine_memories(federations, outputs), {})
    )
    standing_members = object_index.from_urns(state.urns, {}).keys() | state.identities.keys() | state.clusters.keys()
    tagged = [name for name, each in state.on_aws.items() if tag and each.federation not in ("", tag)]
    earlier = {name: text for name, text in mapping(outputs.get(KUBECONFIGS)).items() if isinstance(text, str)}
    return LastUpdate(
        index=left.index,
        quarantined=left.quarantined,
        kubeconfigs={**earlier, **state.kubeconfigs},
        zone=left.zone,
        dns_names=left.dns_names,
        foreign=memory.foreign(left.index.keys() | set(members), others, standing_members, tagged),
    )


@lru_cache(maxsize=1)
def _outputs(monitor: Any) -> Mapping[str, Any]:
    """The outputs of the stack itself."""
    return _tree(_query(monitor, "pulumi:pulumi:readStackOutputs", "name"))


def to_observed(last: LastUpdate, state: EngineState | None = None) -> Observed:
    """What a plan needs of ``last``. Existing resources are read from the state, which is right also after an update
    that failed."""
    state = state or engine_state()
    roles = {name: each.role_arn for name, each in state.clusters.items() if each.role_arn is not None}
    registered = object_index.from_urns(state.urns, last.index)
    return Observed(
        registered={name: each for name, each in registered.items() if name not in last.foreign},
        quarantined_before=last.quarantined,
        identities_before={name: each for name, each in state.identities.items() if name not in last.foreign},
        roles_before={name: each for name, each in roles.items() if name not in last.foreign},
        zone_before=last.zone,
        names_before=last.dns_names,
        clusters={name: each for name, each in state.on_aws.items() if name not in last.foreign},
        protected_zone=state.protected_zone,
    )


def complete_observed(
    observed: Observed, last: LastUpdate, identities: Mapping[str, str], state: EngineState | None = None
) -> Observed:
    """``observed``, with its empty fields filled from the state and from ``last``. ``identities`` are the identities
    that members have by config now."""
    from_state = to_observed(last, state)
    return replace(
        observed,
        registered=from_state.registered if observed.registered is None else observed.registered,
        quarantined_before=observed.quarantined_before or from_state.quarantined_before,
        identities=observed.identities or identities,
        identities_before=observed.identities_before or from_state.identities_before,
        roles_before=observed.roles_before or from_state.roles_before,
        zone_before=observed.zone_before or from_state.zone_before,
        names_before=observed.names_before or from_state.names_before,
        clusters=observed.clusters or from_state.clusters,
        protected_zone=observed.protected_zone or from_state.protected_zone,
    )


def state_resources() -> Mapping[str, Mapping[str, Any]]:
    """The resources in the stack's state as the run began: ``type`` and ``outputs`` by URN."""
    return _tree(_query(get_monitor(), *_RESOURCES))


def engine_state(renames: Renames = _NO_RENAMES, stacks: Sequence[str] = ()) -> EngineState:
    """What the stack's state contained as the run began; much faster than reading all properties of all resources.

    Members have their present names, by ``renames``; URNs stay as they are. With ``stacks``, the state is that of all
    these stacks of the project; a stack that does not exist is empty.
    """
    return _engine_state(get_monitor(), renames, tuple(stacks))


@lru_cache(maxsize=4)
def _engine_state(monitor: Any, renames: Renames, stacks: tuple[str, ...]) -> EngineState:
    by_urn = _resources(monitor, stacks)
    needed = {urn: _plain_outputs(by_urn[urn]) for urn in by_urn if aws_state.is_needed(urn)}
    identities = {_member(urn): _output(by_urn[urn], IDENTITY) for urn in by_urn if _token(urn) == _MEMBERSHIP}
    return EngineState(
        urns=tuple(sorted(by_urn)),
        identities=renames.keyed({name: text for name, text in sorted(identities.items()) if text}),
        clusters=_clusters(by_urn, renames),
        infrastructure={urn: _properties(by_urn[urn]) for urn in sorted(by_urn) if f"${CLUSTER}$" in urn},
        federations=memory.federations({urn: _plain_outputs(by_urn[urn]) for urn in by_urn if _is_federation(urn)}),
        kubeconfigs=renames.keyed(_kubeconfigs(by_urn)),
        on_aws=renames.keyed(aws_state.clusters(needed)),
        protected_zone=aws_state.protected_zone(needed),
    )


@lru_cache(maxsize=2)
def _resources(monitor: Any, stacks: tuple[str, ...]) -> Mapping[str, struct_pb2.Value]:
    if not stacks:
        return dict(_query(monitor, *_RESOURCES).fields)
    return {urn: each for stack in stacks for urn, each in _resources_of_stack(monitor, stack).items()}


def _resources_of_stack(monitor: Any, stack: str) -> Mapping[str, struct_pb2.Value]:
    """The resources of one ``stack`` of the project; none where it does not exist."""
    try:
        return dict(_query(monitor, *_RESOURCES, stack).fields)
    except LastUpdateUnknownError as error:
        if UNKNOWN_STACK not in str(error):
            raise
        return {}


def _is_federation(urn: str) -> bool:
    return _token(urn) == memory.COMPONENT


def _kubeconfigs(by_urn: Mapping[str, struct_pb2.Value]) -> Mapping[str, str]:
    """By member, the kubeconfig of its provider, which is there also after an update that failed."""
    texts = {_member(urn): _texts(by_urn[urn]).get("kubeconfig", "") for urn in sorted(by_urn) if _is_provider(urn)}
    return {name: text for name, text in texts.items() if text not in ("", rpc.UNKNOWN)}


def _clusters(by_urn: Mapping[str, struct_pb2.Value], renames: Renames) -> Mapping[str, StateCluster]:
    """The clusters of ``eks`` members. They are read from the provider's own settings, not from the components'
    outputs, which are unknown after an update that continued after an error."""
    made = renames.keyed({_member(urn): _texts(by_urn[urn]) for urn in sorted(by_urn) if _token(urn) == CLUSTER})
    providers = {_member(urn): urn for urn in by_urn if _is_provider(urn)}
    reached = {name: _texts(by_urn[urn]) for name, urn in renames.keyed(providers).items() if name in made}
    return {
        name: StateCluster(
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
    """One output of a resource, "" where it is not text."""
    return str(resource.struct_value.fields["outputs"].struct_value.fields[name].string_value)


def _tree(outputs: struct_pb2.Struct) -> dict[str, Any]:
    tree: dict[str, Any] = _plain(json_format.MessageToDict(outputs))
    return tree


def _query(monitor: Any, function: str, parameter: str, stack: str = "") -> struct_pb2.Struct:
    """The ``outputs`` that a built-in function of the engine returns for ``stack``, "" for the stack itself.

    The SDK's ``invoke`` cannot be used. It looks up every resource that an output refers to, and outputs of remote
    components are full of such references. Before the program has registered a resource, the lookup fails.
    """
    if monitor is None:
        raise LastUpdateUnknownError("there is no engine: this runs only inside of a Pulumi program")
    arguments = struct_pb2.Struct()
    arguments[parameter] = full_name(stack)
    request = resource_pb2.ResourceInvokeRequest(tok=function, args=arguments, acceptResources=False)
    response: struct_pb2.Struct = getattr(_invoke(monitor, request), "return")
    return response.fields["outputs"].struct_value


def _invoke(monitor: Any, request: resource_pb2.ResourceInvokeRequest) -> Any:
    """Invoke, and repeat while the state is just being written."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return monitor.Invoke(request)
        except grpc.RpcError as error:
            if BEING_WRITTEN not in str(error) or time.monotonic() > deadline:
                msg = f"the engine does not return the state of the last update: {error}"
                raise LastUpdateUnknownError(msg) from None
        time.sleep(PAUSE)


def full_name(stack: str = "") -> str:
    """The name of a ``stack`` of this project as the engine takes it, with organization and project."""
    return f"{pulumi.get_organization()}/{pulumi.get_project()}/{stack or pulumi.get_stack()}"


def _plain(value: Any) -> Any:
    """``value`` without the wrapping that marks secrets."""
    value = rpc.unwrap_rpc_secret(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
