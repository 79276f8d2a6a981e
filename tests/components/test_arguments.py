"""Members and documents of a user's own program give the same plan as those of a stack."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from federation import FederationArgs, Member, Nodes
from federation.api.reading.loading import collect_documents
from federation.components import arguments, last_update
from federation.components.aws import account
from federation.components.kubernetes.objects import ConfigSecrets
from federation.components.last_update import EngineState, StateCluster
from federation.plan import planner
from federation.plan.changes.memory import Memory
from federation.plan.model import standing as on_aws
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from tests.components.kubeconfigs import ONE, kubeconfig
from tests.components.mocks import federation, run

pytestmark = pytest.mark.mocks

NAMESPACE = {
    "apiVersion": "types.kubefed.io/v1beta1",
    "kind": "FederatedNamespace",
    "metadata": {"name": "shop", "namespace": "shop"},
    "spec": {"placement": {"clusterSelector": {}}},
}
TOKEN = "shopToken"
TAKES = {
    "apiVersion": "types.kubefed.io/v1beta1",
    "kind": "FederatedSecret",
    "metadata": {"name": "s", "namespace": "shop"},
    "spec": {
        "template": {"stringData": {"t": {"valueFrom": {"config": TOKEN}}}},
        "placement": {"clusterSelector": {}},
    },
}
US_EAST = Member(name="us-east", region="us-east-1", kubernetes_version="1.34", nodes=Nodes(desired=3))


def args(**given: Any) -> FederationArgs:
    """Arguments of any types, as Python takes them."""
    return FederationArgs(**given)


def planned(args: FederationArgs) -> arguments.Planned:
    """What is planned inside a program called ``atlas`` in stack ``dev``."""
    found: list[arguments.Planned] = []
    program: Callable[[], Any] = lambda: found.append(arguments.planned("atlas", args))  # noqa: E731 -- run calls it
    run(program, preview=True)
    return found[0]


def test_members_are_read_as_a_stacks_config_is_with_its_defaults() -> None:
    settings = planned(FederationArgs(members=[US_EAST], documents=[NAMESPACE], zone="fed.example.com.")).settings
    assert (settings.name, settings.stack, settings.zone) == ("atlas", "dev", "fed.example.com")
    assert settings.members[0].zones == ("us-east-1a", "us-east-1b")
    assert settings.members[0].nodes.desired == 3


def test_what_stands_in_the_stack_is_known_unless_somebody_has_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    token = "kubernetes:core/v1alpha1:Namespace"
    parents = "eks-federation:index:Federation$eks-federation:index:FederatedWorkload"
    urn = f"urn:pulumi:dev::eks-federation::{parents}${token}::us-east/Namespace/shop"
    monkeypatch.setattr(last_update, "engine_state", lambda *_, **__: EngineState(urns=(urn,)))
    (found,) = planned(FederationArgs(members=[US_EAST], documents=[NAMESPACE])).plan.members[0].objects
    assert found.former_tokens == (token,)
    looked = FederationArgs(members=[US_EAST], documents=[NAMESPACE], observed=Observed(registered={}))
    (found,) = planned(looked).plan.members[0].objects
    assert found.former_tokens == ()


def test_a_program_of_ones_own_is_refused_another_account_than_that_of_its_clusters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clusters = {"us-east": on_aws.Standing(resources={"aws:ec2/vpc:Vpc": 1}, account="111111111111")}
    monkeypatch.setattr(last_update, "engine_state", lambda *_, **__: EngineState(on_aws=clusters))
    monkeypatch.setattr(account, "_account", lambda _: "222222222222")
    with pytest.raises(pulumi.RunError, match=r"of account 222222222222, .* us-east stand in account 111111111111"):
        planned(FederationArgs(members=[US_EAST], documents=[NAMESPACE]))


@pytest.mark.parametrize("tag", ["other", "atlas"])
def test_a_renamed_eks_member_of_another_federation_in_the_stack_is_none_that_has_left(
    monkeypatch: pytest.MonkeyPatch, tag: str
) -> None:
    left = {"atlas": Memory(index={"us-east": ()}), "other": Memory(index={"tokyo": ()})}
    stands = on_aws.Standing(resources={"aws:ec2/vpc:Vpc": 1}, federation=tag)
    first = {"edo": StateCluster(role_arn="")}
    found = EngineState(federations=left, clusters=first, on_aws={"edo": stands})
    monkeypatch.setattr(last_update, "engine_state", lambda *_, **__: found)
    given = FederationArgs(members=[US_EAST], documents=[NAMESPACE])
    if tag == "other":
        assert planned(given).prior.observed.clusters_before == frozenset()
    else:
        with pytest.raises(pulumi.RunError, match="the EKS cluster of edo would be deleted"):
            planned(given)


def test_what_would_stop_half_way_is_refused_in_a_program_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    clusters = {"us-east": on_aws.Standing(kubernetes_version="1.35")}
    monkeypatch.setattr(last_update, "engine_state", lambda *_, **__: EngineState(on_aws=clusters))
    with pytest.raises(pulumi.RunError, match=r"runs Kubernetes 1\.35, and EKS takes no older version"):
        planned(FederationArgs(members=[US_EAST], documents=[NAMESPACE]))


@pytest.mark.parametrize(
    "members", [[US_EAST], {"us-east": {"region": "us-east-1", "kubernetesVersion": "1.34", "nodes": {"desired": 3}}}]
)
def test_members_may_be_values_or_what_a_config_says(members: list[Member] | Mapping[str, Mapping[str, Any]]) -> None:
    values = planned(FederationArgs(members=[US_EAST], documents=[NAMESPACE]))
    assert planned(FederationArgs(members=members, documents=[NAMESPACE])).plan.digest == values.plan.digest


def test_files_and_values_are_documents_of_one_federation(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text(
        "apiVersion: types.kubefed.io/v1beta1\nkind: FederatedConfigMap\nmetadata: {name: settings, namespace: shop}\n"
        "spec: {template: {data: {a: b}}, placement: {clusterSelector: {}}}\n"
    )
    plan = planned(FederationArgs(members=[US_EAST], documents=[NAMESPACE, tmp_path])).plan
    assert [each.logical_name for each in plan.members[0].objects] == [
        "us-east/Namespace/shop",
        "us-east/shop/ConfigMap/settings",
    ]


def test_secrets_come_from_the_programs_config_by_default() -> None:
    assert isinstance(planned(FederationArgs(members=[US_EAST], documents=[NAMESPACE])).secrets, ConfigSecrets)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (FederationArgs(documents=[NAMESPACE]), "there are no members"),
        (FederationArgs(members=[Member(name="us", region="nowhere")]), '"nowhere" is not an AWS region'),
        (FederationArgs(members=[US_EAST], documents=[{"kind": "X"}]), r"<python>\[0\]: apiVersion is missing"),
        (FederationArgs(members=[US_EAST], documents=["none.yaml"]), "none.yaml: there is no such file or folder"),
        (
            FederationArgs(members=[Member(name="here", provider="kubeconfig", context="gone", kubeconfig="none")]),
            "none: contexts.gone: no such context",
        ),
        (FederationArgs(members=[US_EAST], settings=federation()), "give either settings and plan, or members"),
        (
            FederationArgs(members=[US_EAST, Member(name="us-east", region="us-west-2")]),
            r'<python>: members\[1\]\.name: "us-east" is the name of members\[0\] already; give each',
        ),
        (args(members=[{"name": "a"}]), r"<python>: members\[0\]: must be a Member, and is a mapping; write"),
        (args(members=US_EAST), "<python>: members: must be a list of Member values, and is a Python Member; write"),
        (args(members=7), "<python>: members: must be a list of Member values, and is a number"),
        (args(members=[US_EAST], documents=[None]), r"<python>\[0\]: a document must be a mapping, and this is empty"),
        (args(members=[US_EAST], documents=[US_EAST]), r"<python>\[0\]: a Python Member cannot be part of a document"),
        (args(members=[US_EAST], documents=None), "<python>: documents: must be a list of paths and .*, and is empty"),
        (args(members=[US_EAST], documents="a"), "<python>: documents: must be a list of paths and .*, and is text"),
        (args(members=[US_EAST], documents=NAMESPACE), "<python>: documents: .*, and is a mapping; write a list"),
    ],
)
def test_faults_end_the_program_before_anything_is_registered(args: FederationArgs, message: str) -> None:
    with pytest.raises(pulumi.RunError, match=message):
        planned(args)


MISSING = (
    r"federation atlas was not changed:\n<python>\[1\]: Secret shop/s: it takes a value from the stack's "
    "config, and stack dev has none under 'shopToken'; pulumi config set --secret shopToken"
)


class OwnSecrets:
    """A program's own, of which nobody knows what there is."""

    def require(self, key: str) -> pulumi.Output[str]:
        raise AssertionError(f"{key} is not needed to plan")


def test_a_missing_secret_ends_the_program_before_anything_is_registered() -> None:
    with pytest.raises(pulumi.RunError, match=MISSING):
        planned(FederationArgs(members=[US_EAST], documents=[NAMESPACE, TAKES]))


def test_a_missing_secret_of_a_plan_that_exists_already_does_so_too() -> None:
    settings = federation(US_EAST)
    plan = planner.plan(settings, collect_documents([NAMESPACE, TAKES]))
    with pytest.raises(pulumi.RunError, match=MISSING):
        planned(FederationArgs(settings=settings, plan=plan))


def test_a_secret_in_the_programs_config_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({f"eks-federation:{TOKEN}": ""}))
    assert planned(FederationArgs(members=[US_EAST], documents=[NAMESPACE, TAKES])).plan.members[0].sealed


def test_secrets_that_cannot_list_their_keys_count_as_present() -> None:
    own = OwnSecrets()
    assert planned(FederationArgs(members=[US_EAST], documents=[NAMESPACE, TAKES], secrets=own)).secrets is own


def test_a_fault_of_a_file_that_two_members_share_is_reported_once(tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("- no kubeconfig\n")
    found = {"provider": "kubeconfig", "kubeconfig": str(tmp_path / "broken")}
    members = {"one": {**found, "context": "here"}, "two": {**found, "context": "there"}}
    with pytest.raises(pulumi.RunError) as raised:
        planned(FederationArgs(members=members, documents=[NAMESPACE]))
    assert str(raised.value).count("must be a mapping, and is a list") == 1


def test_two_members_that_lead_to_one_cluster_end_the_program(tmp_path: Path) -> None:
    found = {"provider": "kubeconfig", "kubeconfig": kubeconfig(tmp_path / "config", {"here": ONE, "there": ONE})}
    members = {"blue": {**found, "context": "here"}, "green": {**found, "context": "there"}}
    with pytest.raises(pulumi.RunError, match=r"atlas was not changed:\n.*: blue, green lead to the same cluster"):
        planned(FederationArgs(members=members, documents=[NAMESPACE]))


def test_a_plan_that_exists_already_is_taken_as_it_is() -> None:
    settings = federation()
    plan = planner.plan(settings, collect_documents([NAMESPACE]))
    assert planned(FederationArgs(settings=settings, plan=plan)).plan == plan


def test_a_plan_is_checked_against_the_registered_objects_that_are_given() -> None:
    stood = IndexEntry(logical_name="us-east/shop/ConfigMap/a", token="kubernetes:core/v1:ConfigMap")
    gone = IndexEntry(logical_name="eu-west/shop/ConfigMap/a", token="kubernetes:core/v1:ConfigMap")
    observed = Observed(registered={"us-east": (stood,), "eu-west": (gone,)})
    with pytest.raises(pulumi.RunError, match="eu-west is no longer a member: all of its 1 objects would be removed"):
        planned(FederationArgs(members=[US_EAST], documents=[NAMESPACE], observed=observed))
