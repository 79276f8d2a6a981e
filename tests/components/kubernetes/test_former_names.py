"""A renamed member's resources are registered as those that they were; its EKS cluster keeps its name everywhere."""

from typing import Any

import pulumi
import pytest

from federation import Federation, FederationArgs, Member
from federation.api.model.members import FederationSettings as Settings
from federation.api.reading import loading
from federation.components import last_update, safety
from federation.components.aws.on_aws import AwsResources
from federation.components.kubernetes.former_names import aliases
from federation.components.last_update import LastUpdate
from federation.plan import planner
from federation.plan.changes.renames import Renames
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from tests.components.mocks import HELD_STATE, KUBECONFIG, THREE, Recorder, federation, run

pytestmark = pytest.mark.mocks

DOCUMENTS = loading.from_values(
    [
        {
            "apiVersion": "types.kubefed.io/v1beta1",
            "kind": f"Federated{kind}",
            "metadata": {"name": "demo", "namespace": "demo"},
            "spec": {"placement": {"clusterSelector": {}}, "template": {}},
        }
        for kind in ("Namespace", "ConfigMap")
    ]
)
RENAMED = THREE[1].model_copy(update={"name": "use1", "former_names": ("first", "us-east")})
STANDING = IndexEntry(logical_name="us-east/Namespace/demo", token="kubernetes:core/v1:Namespace")


def registered(*members: Member) -> Recorder:
    settings = federation(*members)
    observed = Renames.from_config(settings).observed(Observed(registered={"us-east": (STANDING,)}))
    plan = planner.plan(settings, DOCUMENTS, observed)

    def make() -> Any:
        args = FederationArgs(settings=settings, plan=plan)
        return pulumi.Output.all(*(each.urn for each in Federation("atlas", args).objects.values()))

    return run(make, preview=False, state=HELD_STATE)


def test_all_that_carries_its_name_has_the_former_ones_as_aliases() -> None:
    found = registered(RENAMED).aliases
    names = [each.name for each in registered(RENAMED).registered if each.name.startswith("use1/")]
    assert {"use1/membership", "use1/kubernetes", "use1/Namespace/demo", "use1/demo/ConfigMap/demo"} <= set(names)
    for name in names:
        former = [name.replace("use1", each) for each in ("first", "us-east")]
        assert [each["name"] for each in found[name]] == former


def test_a_quarantined_members_objects_have_them_too() -> None:
    recorder = registered(RENAMED.model_copy(update={"available": False}), THREE[2])
    former = [{"name": f"{name}/Namespace/demo", "parentUrn": ""} for name in ("first", "us-east")]
    assert recorder.aliases["use1/Namespace/demo"] == former
    assert recorder.ignored["use1/Namespace/demo"] == ["*"]


def test_a_former_name_goes_with_every_former_type() -> None:
    found = aliases("b/x", ["a"], ["old"])
    assert [(each.name, each.type_) for each in found] == [(..., "old"), ("a/x", ...), ("a/x", "old")]


def on_aws(member: Member, state: dict[str, Any] | None = None) -> list[tuple[str, str, Any]]:
    settings: Settings = federation(member)

    def make() -> Any:
        made = AwsResources(
            pulumi.ComponentResource("eks-federation:index:Federation", "atlas"),
            settings,
            last_update.engine_state(Renames.from_config(settings)),
        )
        return (made.cluster(member) if member.available else made.quarantined_cluster(member)).endpoint

    found = run(make, preview=False, state=state).registered
    return sorted(((each.token, each.name, each.inputs) for each in found), key=lambda each: each[:2])


def test_nothing_of_its_cluster_on_aws_has_another_name() -> None:
    now = THREE[1].model_copy(update={"name": "use1", "former_names": ("us-east", "later")})
    before = on_aws(THREE[1])
    assert on_aws(now) == before
    assert len(before) > 10


@pytest.mark.parametrize("name", ["us-east", "use1"])
def test_a_quarantined_members_cluster_is_reached_by_any_name_of_its_provider(name: str) -> None:
    quarantined = THREE[1].model_copy(update={"name": "use1", "former_names": ("us-east",), "available": False})
    state = {urn.replace("us-east/kubernetes", f"{name}/kubernetes"): each for urn, each in HELD_STATE.items()}
    found: list[Any] = []

    def make() -> Any:
        whole = pulumi.ComponentResource("eks-federation:index:Federation", "atlas")
        made = AwsResources(
            whole, federation(quarantined), last_update.engine_state(Renames.from_config(federation(quarantined)))
        ).quarantined_cluster(quarantined)
        found.append(made.is_finished)
        return made.kubeconfig.apply(found.append)

    run(make, preview=False, state=state)
    assert found == [True, KUBECONFIG]


def test_what_an_update_has_left_goes_by_present_names() -> None:
    left = LastUpdate(
        index={"us-east": (STANDING,)}, quarantined=("us-east",), kubeconfigs={"us-east": "x", "other": "y"}
    )
    found = left.by(Renames.from_config(federation(RENAMED)))
    assert (found.quarantined, found.kubeconfigs) == (("use1",), {"use1": "x", "other": "y"})
    assert [each.logical_name for each in found.index["use1"]] == ["use1/Namespace/demo"]


def test_the_state_has_present_names_without_an_observation(monkeypatch: pytest.MonkeyPatch) -> None:
    urn = (
        "urn:pulumi:dev::p::eks-federation:index:FederatedWorkload$kubernetes:core/v1:Namespace::us-east/Namespace/demo"
    )
    monkeypatch.setattr(last_update, "engine_state", lambda *_, **__: last_update.EngineState(urns=(urn,)))
    monkeypatch.setattr(last_update, "read_last_update", lambda *_: LastUpdate())
    found = safety.prior_state("atlas", federation(RENAMED), Observed()).observed
    assert [each.logical_name for each in (found.registered or {})["use1"]] == ["use1/Namespace/demo"]
