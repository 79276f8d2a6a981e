"""What Pulumi's engine would answer: enough for components to be registered and looked at."""

import asyncio
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import mocks, resource, rpc
from pulumi.runtime.proto import resource_pb2, source_pb2

from federation.api.model.documents import Documents
from federation.api.model.members import FederationSettings, Member
from federation.api.reading import loading

__all__ = ["HELD_STATE", "KUBECONFIG", "THREE", "Recorder", "Registered", "demo_documents", "federation", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """One registration as the engine saw it."""

    token: str
    name: str
    inputs: Mapping[str, Any]
    provider: str


@dataclass(slots=True)
class Recorder(mocks.Mocks):
    """Answers as the official providers would where the program relies on it, and keeps what it was asked."""

    registered: list[Registered] = field(default_factory=list)
    left_standing: set[str] = field(default_factory=set)
    protected: set[str] = field(default_factory=set)
    traced: set[str] = field(default_factory=set)
    aliases: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    outputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    dependencies: dict[str, frozenset[str]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    ignored: dict[str, list[str]] = field(default_factory=dict)
    failing: Container[str] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    states: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    stack_outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    secret_outputs: Mapping[str, list[str]] = field(default_factory=dict)
    references: list[str] = field(default_factory=list)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.typ == STACK_REFERENCE:
            return self._referenced(args.name)
        self.registered.append(
            Registered(token=args.typ, name=args.name, inputs=dict(args.inputs), provider=args.provider or "")
        )
        return f"{args.name}-id", {**args.inputs, **(OUTPUTS[args.typ](args.name) if args.typ in OUTPUTS else {})}

    def _referenced(self, name: str) -> tuple[str, dict[str, Any]]:
        """The outputs of another stack, of those that ``stack_outputs`` has."""
        self.references.append(name)
        outputs = dict(self.stack_outputs.get(name, {}))
        return name, {"name": name, "outputs": outputs, "secretOutputNames": self.secret_outputs.get(name, [])}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        if args.token.endswith("getHostedZoneId:getHostedZoneId"):
            kind = args.args.get("loadBalancerType", "classic")
            return {"id": f"Z-{kind}-{args.args['region']}", "region": args.args["region"]}, []
        if args.token == "pulumi:pulumi:readStackOutputs":
            return {"outputs": {}}, []
        if args.token == "pulumi:pulumi:readStackResourceOutputs":
            name = args.args.get("stackName", "")
            return {"outputs": dict(self.states.get(name, self.state))}, []
        msg = f"the program is not expected to call {args.token}"
        raise AssertionError(msg)

    def of(self, token: str) -> dict[str, Registered]:
        """Registrations of one type, by name."""
        return {each.name: each for each in self.registered if each.token == token}


STACK_REFERENCE = "pulumi:pulumi:StackReference"
BALANCERS = {
    "ap-northeast": "k8s-demo-web-1.ap-northeast-1.elb.amazonaws.com",
    "us-east": "ingress-nginx-1.elb.us-east-1.amazonaws.com",
    "us-west": "internal-k8s-demo-web-1.us-west-2.elb.amazonaws.com",
}
"""What Ingresses report: application load balancers, and in us-east a controller behind a network one."""

OUTPUTS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "eks:index:Cluster": lambda name: {
        "kubeconfigJson": f'{{"cluster": "{name}"}}',
        "oidcIssuer": f"oidc/{name}",
        "core": {"endpoint": f"https://{name}"},
    },
    "kubernetes:core/v1:Service": lambda name: {
        "status": {"loadBalancer": {"ingress": [{"hostname": f"{name.split('/')[0]}.elb.amazonaws.com"}]}}
    },
    "kubernetes:networking.k8s.io/v1:Ingress": lambda name: {
        "status": {"loadBalancer": {"ingress": [{"hostname": BALANCERS[name.split("/")[0]]}]}}
    },
    "aws:route53/zone:Zone": lambda name: {"zoneId": f"{name}-id", "nameServers": ["ns-1.example.com"]},
}


class Monitor(mocks.MockMonitor):
    """Sees references to resources as their URNs.

    The SDK's own monitor makes resources of them, on an event loop of another thread than the program's, which then
    waits for ever or fails, now and then.
    """

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 -- the name is gRPC's
        """Register as usual, once references are flat."""
        flatten(request.object)
        found = (urn.rpartition("::")[2] for urn in request.dependencies)
        cast("Recorder", self.mocks).dependencies[request.name] = frozenset(found)
        cast("Recorder", self.mocks).parents[request.name] = request.parent
        cast("Recorder", self.mocks).ignored[request.name] = list(request.ignoreChanges)
        if request.protect:
            cast("Recorder", self.mocks).protected.add(request.name)
        if request.retainOnDelete:
            cast("Recorder", self.mocks).left_standing.add(request.name)
        if request.aliases:
            specs = [json_format.MessageToDict(each.spec) for each in request.aliases]
            cast("Recorder", self.mocks).aliases[request.name] = specs
        if request.stackTrace.frames:
            cast("Recorder", self.mocks).traced.add(request.type)
        if request.name in cast("Recorder", self.mocks).failing:
            urn = self.make_urn(request.parent, request.type, request.name)
            return resource_pb2.RegisterResourceResponse(urn=urn, result=resource_pb2.Result.FAIL)
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]  # untyped in the SDK

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 -- the name is gRPC's
        """Keep what a component has for outputs, by its name."""
        name = request.urn.rpartition("::")[2]
        cast("Recorder", self.mocks).outputs[name] = json_format.MessageToDict(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]  # untyped in the SDK


def flatten(struct: struct_pb2.Struct) -> None:
    """Replace each reference to a resource in ``struct`` by its URN, in place."""
    for value in struct.fields.values():
        _flatten_value(value)


def _flatten_value(value: struct_pb2.Value) -> None:
    fields = value.struct_value.fields
    if rpc._special_sig_key in fields and fields[rpc._special_sig_key].string_value == rpc._special_resource_sig:
        value.string_value = fields["urn"].string_value
    elif value.HasField("struct_value"):
        flatten(value.struct_value)
    elif value.HasField("list_value"):
        for item in value.list_value.values:
            _flatten_value(item)


def federation(*members: Member, zone: str = "fed.example.com") -> FederationSettings:
    """A federation called atlas; without ``members``, of the talk's three."""
    return FederationSettings(name="atlas", zone=zone, members=members or THREE)


KUBECONFIG = '{"clusters": [{"cluster": {"server": "https://lost"}}]}'
HELD_STATE: Mapping[str, Any] = {
    "urn:pulumi:dev::eks-federation::eks-federation:index:Federation$eks-federation:index:EksCluster::us-east": {
        "type": "eks-federation:index:EksCluster",
        "outputs": {"roleArn": ""},
    },
    "urn:pulumi:dev::eks-federation::eks-federation:index:Federation$eks-federation:index:Membership"
    "$pulumi:providers:kubernetes::us-east/kubernetes": {
        "type": "pulumi:providers:kubernetes",
        "outputs": {"clusterIdentifier": "oidc/lost", "kubeconfig": KUBECONFIG},
    },
}
"""How the state has us-east reached, the least that a stack in which it is quarantined has."""

THREE = (
    Member(name="ap-northeast", region="ap-northeast-1", zones=("ap-northeast-1a", "ap-northeast-1c")),
    Member(name="us-east", region="us-east-1", zones=("us-east-1a", "us-east-1b")),
    Member(name="us-west", region="us-west-2", zones=("us-west-2a", "us-west-2b")),
)


def demo_documents(root: Any) -> Documents:
    """The demonstration's documents."""
    return loading.load([root / "stacks" / "workloads" / "demo"], root=root)


def run(
    make: Callable[[], Any],
    *,
    preview: bool,
    failing: Container[str] = (),
    state: Mapping[str, Any] | None = None,
    states: Mapping[str, Mapping[str, Any]] | None = None,
    stack_outputs: Mapping[str, Mapping[str, Any]] | None = None,
    stack: str = "dev",
    traced: bool = False,
) -> Recorder:
    """Run ``make`` as a program would run it, wait for everything, and return what was registered.

    What is called one of ``failing`` fails, as it does where updates go on after an error. ``state`` is what stands in
    the stack, by URN; ``states`` are those of single stacks, and ``stack_outputs`` their outputs, by full name. Only a
    ``traced`` run reads from Python's stack where each resource is made, which takes a fifth of the time.
    """
    recorder = Recorder(failing=failing, state=state or {}, states=states or {}, stack_outputs=stack_outputs or {})
    # One of its own: whoever ran a loop in this process before has left none behind.
    asyncio.set_event_loop(asyncio.new_event_loop())
    mocks.set_mocks(
        recorder,
        project="eks-federation",
        stack=stack,
        organization="organization",
        preview=preview,
        monitor=Monitor(recorder),
    )

    waited = cast("Callable[[], None]", pulumi.runtime.test(make))  # type: ignore[no-untyped-call]  # untyped in the SDK
    with pytest.MonkeyPatch.context() as patch:
        if not traced:
            patch.setattr(resource, "_get_stack_trace", source_pb2.StackTrace)
        waited()
    return recorder
