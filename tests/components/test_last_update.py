"""What the last update left behind is read before planning, whatever else stands in the state."""

from dataclasses import replace
from typing import Any

import grpc
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import resource_pb2

from federation.components import last_update
from federation.components.last_update import EngineState, LastUpdate, LastUpdateUnknownError, StateCluster
from federation.plan.changes import memory
from federation.plan.changes.memory import Memory
from federation.plan.model import object_index
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed

pytestmark = pytest.mark.mocks

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
WEB = IndexEntry(logical_name="us-east/demo/Deployment/web", token="kubernetes:apps/v1:Deployment", digest="d")
URN = (
    "urn:pulumi:dev::eks-federation::eks-federation:index:Federation$eks-federation:index:FederatedWorkload"
    f"${WEB.token}::{WEB.logical_name}"
)
MEMBERSHIP = (
    "urn:pulumi:dev::eks-federation::eks-federation:index:Federation$eks-federation:index:Membership"
    "::us-east/membership"
)


class RefusalError(grpc.RpcError):  # type: ignore[misc] # grpc has no types
    """What the engine answers instead."""


class Engine:
    """Answers as the engine does."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[Any] = []
        self.refusals: list[str] = []

    def Invoke(self, request: Any) -> Any:  # noqa: N802 -- the name is gRPC's
        """Answer one of the engine's own functions."""
        self.asked.append(request)
        if self.refusals:
            raise RefusalError(self.refusals.pop(0))
        outputs = {"outputs": self.answers[request.tok.rpartition(":")[2]]}
        answer = resource_pb2.ResourceInvokeResponse()
        getattr(answer, "return").CopyFrom(json_format.ParseDict(outputs, struct_pb2.Struct()))
        return answer


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    kubeconfigs = {"us-east": {SIGNATURE: SECRET, "value": "planted"}}
    index = {"us-east": object_index.to_text([WEB])}
    outputs = {"index": index, "held": {"eu-west": {}}, "kubeconfigs": kubeconfigs}
    made = Engine(readStackOutputs=outputs, readStackResourceOutputs={URN: {"type": WEB.token, "outputs": {}}})
    monkeypatch.setattr(last_update, "get_monitor", lambda: made)
    monkeypatch.setattr(last_update, "full_name", lambda stack: f"organization/eks-federation/{stack or 'dev'}")
    return made


def test_the_outputs_of_the_stack_itself_are_read_and_secrets_among_them_do_not_show(engine: Engine) -> None:
    last = last_update.read_last_update()
    assert last.index == {"us-east": (WEB,)}
    assert last.quarantined == ("eu-west",)
    assert last.kubeconfigs == {"us-east": "planted"}
    assert "planted" not in repr(last)


OTHERS: tuple[dict[str, Any], ...] = (
    {"index": "index.html", "held": True, "kubeconfigs": "~/.kube/config"},
    {"index": ["index.html"], "held": ["us-east"], "kubeconfigs": ["a"]},
    {"index": {"us-east": "index.html"}, "held": None, "kubeconfigs": {"us-east": {"path": "a"}}},
    {"index": {"us-east": 1}, "held": 1.5},
)


@pytest.mark.parametrize("outputs", OTHERS)
def test_outputs_of_a_program_that_happen_to_have_these_names_are_passed_over(
    engine: Engine, outputs: dict[str, Any]
) -> None:
    engine.answers["readStackOutputs"] = outputs
    assert last_update.read_last_update() == LastUpdate()
    known = last_update.complete_observed(Observed(), last_update.read_last_update(), {})
    assert known == Observed(registered={"us-east": (replace(WEB, digest=""),)})


def test_references_to_resources_are_not_followed_since_nothing_is_registered_yet(engine: Engine) -> None:
    last_update.state_resources()
    assert [each.acceptResources for each in engine.asked] == [False]


def test_a_state_that_is_just_being_written_is_read_again(engine: Engine) -> None:
    engine.refusals = ["failed to load checkpoint: EOF"] * 3
    assert last_update.read_last_update().quarantined == ("eu-west",)
    assert len(engine.asked) == 5


def test_any_other_refusal_is_raised_at_once(engine: Engine) -> None:
    engine.refusals = ["passphrase must be set", "never asked for"]
    with pytest.raises(LastUpdateUnknownError, match="passphrase must be set"):
        last_update.read_last_update()
    assert len(engine.asked) == 1


def test_objects_come_from_the_state_and_their_digests_from_the_index(engine: Engine) -> None:
    made_by_a_failed_update = URN.replace("web", "new")
    engine.answers["readStackResourceOutputs"][made_by_a_failed_update] = {"type": WEB.token, "outputs": {}}
    gone = replace(WEB, logical_name="us-east/demo/Deployment/gone")
    seen = last_update.to_observed(LastUpdate(index={"us-east": (WEB, gone)}, quarantined=("eu-west",)))
    new = IndexEntry(logical_name="us-east/demo/Deployment/new", token=WEB.token)
    assert seen == Observed(registered={"us-east": (new, WEB)}, quarantined_before=("eu-west",))


UNKNOWN: tuple[Any, ...] = (None, "", 1, {"arn": "me"}, {SIGNATURE: SECRET, "value": "planted"})


@pytest.mark.parametrize(("told", "known"), [("https://one", {"us-east": "https://one"}), *((t, {}) for t in UNKNOWN)])
def test_the_state_has_the_cluster_that_a_member_has_joined(
    engine: Engine, told: object, known: dict[str, str]
) -> None:
    state = engine.answers["readStackResourceOutputs"]
    state[MEMBERSHIP] = {"type": "eks-federation:index:Membership", "outputs": {"identity": told}}
    state[URN]["outputs"] = {"identity": "an object's own"}
    engine.answers["readStackOutputs"]["identities"] = {"us-east": "https://two", "us-west": "https://three"}
    assert last_update.engine_state() == EngineState(urns=(URN, MEMBERSHIP), identities=known)
    assert last_update.to_observed(last_update.read_last_update()).identities_before == known


def test_a_member_that_an_earlier_version_joined_has_no_identity(engine: Engine) -> None:
    engine.answers["readStackResourceOutputs"][MEMBERSHIP] = {"type": "eks-federation:index:Membership"}
    assert last_update.engine_state().identities == {}


def test_what_the_run_itself_writes_is_not_taken_for_the_last_updates(engine: Engine) -> None:
    before = last_update.read_last_update(), last_update.engine_state()
    engine.answers = {"readStackOutputs": {}, "readStackResourceOutputs": {}}
    assert (last_update.read_last_update(), last_update.engine_state()) == before
    assert len(engine.asked) == 2


def test_what_somebody_has_looked_at_already_is_taken_as_it_is_and_the_rest_is_what_the_state_knows(
    engine: Engine,
) -> None:
    last = last_update.read_last_update("atlas", ["us-east"])
    by_hand = Observed(registered={}, quarantined_before=("us-west",), current={"demo/web": {"us-east": 1}})
    now = {"us-east": "https://one"}
    assert last_update.complete_observed(by_hand, last, now) == replace(by_hand, identities=now)
    known = Observed(registered={"us-east": (WEB,)}, quarantined_before=("eu-west",), identities=now)
    assert last_update.complete_observed(Observed(), last, now) == known


FEDERATION = "urn:pulumi:dev::eks-federation::eks-federation:index:Federation::"


def test_what_a_federation_has_registered_counts_and_not_what_an_earlier_version_left(engine: Engine) -> None:
    newer = replace(WEB, digest="newer")
    own = memory.outputs(
        {"us-east": object_index.to_text([newer])},
        Memory(quarantined=("us-west",), zone="example.com", dns_names=("a.example.com",)),
    )
    engine.answers["readStackResourceOutputs"][f"{FEDERATION}atlas"] = {"outputs": own}
    left = last_update.read_last_update("atlas", ["us-east"])
    assert (left.index, left.quarantined, left.zone) == ({"us-east": (newer,)}, ("us-west",), "example.com")
    assert left == replace(last_update.read_last_update(), foreign=frozenset())


def test_members_of_another_federation_in_the_stack_are_none_that_have_left(engine: Engine) -> None:
    other = WEB.logical_name.replace("us-east", "tokyo")
    state = engine.answers["readStackResourceOutputs"]
    state[URN.replace("us-east", "tokyo")] = {"outputs": {}}
    theirs = {"tokyo": object_index.to_text([replace(WEB, logical_name=other)])}
    state[f"{FEDERATION}other"] = {"outputs": memory.outputs(theirs, Memory())}
    state[f"{FEDERATION}atlas"] = {"outputs": memory.outputs({"us-east": object_index.to_text([WEB])}, Memory())}
    assert last_update.to_observed(last_update.read_last_update("atlas", ["us-west"])).registered == {"us-east": (WEB,)}


CLUSTER = f"{MEMBERSHIP.rpartition('$')[0]}$eks-federation:index:EksCluster"


@pytest.mark.parametrize("ended", [True, False], ids=["its update ended", "its update was killed"])
def test_a_cluster_of_another_federation_is_known_by_its_tag_where_its_member_has_a_new_name(
    engine: Engine, ended: bool
) -> None:
    state = engine.answers["readStackResourceOutputs"]
    own, theirs = {"us-east": object_index.to_text([WEB])}, {"tokyo" if ended else "edo": object_index.to_text([])}
    state[f"{FEDERATION}atlas"] = {"outputs": memory.outputs(own, Memory())}
    state[f"{FEDERATION}other"] = {"outputs": memory.outputs(theirs, Memory())}
    for federation, name in (("atlas", "us-east"), ("other", "edo"), ("other", "new")):
        state[f"{CLUSTER}::{name}"] = {"outputs": {"roleArn": ""}}
        vpc = {"cidrBlock": "10.0.0.0/16", "tags": {"eks-federation/federation": federation}}
        state[f"{CLUSTER}$eks-federation:index:Network$aws:ec2/vpc:Vpc::{name}/vpc"] = {"outputs": vpc}
    seen = last_update.to_observed(last_update.read_last_update("atlas", ["us-west"], "atlas"))
    assert set(seen.roles_before) == set(seen.clusters) == set(seen.clusters_before) == {"us-east"}
    others = last_update.to_observed(last_update.read_last_update("other", ["tokyo", "edo"], "other"))
    assert set(others.clusters_before) == {"edo", "new"}


def test_how_a_member_is_reached_is_known_also_after_an_update_that_failed(engine: Engine) -> None:
    provider = MEMBERSHIP.replace("::us-east/membership", "$pulumi:providers:kubernetes::{0}/kubernetes")
    secret = {SIGNATURE: SECRET, "value": "newer"}
    state = engine.answers["readStackResourceOutputs"]
    state[provider.format("us-east")] = {"outputs": {"kubeconfig": secret}}
    state[provider.format("us-west")] = {"outputs": {"kubeconfig": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}}
    assert last_update.read_last_update().kubeconfigs == {"us-east": "newer"}


def test_outside_of_a_program_there_is_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_update, "get_monitor", lambda: None)
    with pytest.raises(LastUpdateUnknownError, match="only inside of a Pulumi program"):
        last_update.read_last_update()


TOP = "urn:pulumi:dev::eks-federation::eks-federation:index:Federation$eks-federation:index"


def test_an_eks_members_cluster_is_known_by_the_provider_that_reaches_it(engine: Engine) -> None:
    secret = {SIGNATURE: SECRET, "value": "planted"}
    settings = {"clusterIdentifier": "oidc/us-east", "kubeconfig": secret}
    role = "arn:aws:iam::123456789012:role/deployer"
    engine.answers["readStackResourceOutputs"] = {
        f"{TOP}:EksCluster::us-east": {"outputs": {"kubeconfig": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}},
        f"{TOP}:EksCluster::us-west": {"outputs": {"roleArn": role}},
        f"{TOP}:Membership$pulumi:providers:kubernetes::us-east/kubernetes": {"outputs": settings},
        f"{TOP}:EksCluster$eks:index:Cluster$pulumi:providers:kubernetes::us-west-cluster-eks-k8s": {
            "outputs": settings
        },
    }
    found = last_update.engine_state().clusters
    assert found == {
        "us-east": StateCluster(identifier="oidc/us-east", kubeconfig="planted"),
        "us-west": StateCluster(role_arn=role),
    }
    assert "planted" not in repr(found)
    assert last_update.to_observed(LastUpdate()).roles_before == {"us-west": role}
