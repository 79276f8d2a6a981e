"""Components register what the plan says, with the options that the plan and the design ask for."""

import functools
import sys
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from federation import Federation, FederationArgs
from federation.api.model.members import Member
from federation.api.reading import loading
from federation.plan import planner
from federation.plan.model.observed import Observed
from tests.components.mocks import BALANCERS, THREE, Recorder, demo_documents, federation, run
from tests.places import ROOT
from tests.plan import building

pytestmark = pytest.mark.mocks

DEPLOYMENT = "kubernetes:apps/v1:Deployment"


class NoSecrets:
    def require(self, key: str) -> pulumi.Output[str]:
        raise AssertionError(f"the demonstration has no secret called {key}")


@functools.cache
def registered(*, preview: bool, more: str = "", traced: bool = False) -> Recorder:
    """What the demonstration registers; tests only read it."""
    return registered_with(preview=preview, more=more, traced=traced)


def registered_with(*members: Member, preview: bool, more: str = "", traced: bool = False) -> Recorder:
    settings = federation(*members)
    documents = demo_documents(ROOT)
    extra = loading.parse(more, "more.yaml")
    documents = replace(
        documents,
        federated=(*documents.federated, *extra.federated),
        ingress_records=(*documents.ingress_records, *extra.ingress_records),
    )
    plan = planner.plan(settings, documents)

    def make() -> Any:
        made = Federation("atlas", FederationArgs(settings=settings, plan=plan, secrets=NoSecrets()))
        return pulumi.Output.all(*(each.urn for each in made.objects.values()))

    return run(make, preview=preview, traced=traced)


@pytest.mark.parametrize("preview", [True, False])
def test_each_member_gets_its_share_of_the_replicas(preview: bool) -> None:
    deployments = registered(preview=preview).of(DEPLOYMENT)
    assert {name.split("/")[0]: each.inputs["spec"]["replicas"] for name, each in deployments.items()} == {
        "ap-northeast": 3,
        "us-east": 6,
        "us-west": 6,
    }


@pytest.mark.parametrize("preview", [True, False])
def test_every_member_has_one_kubernetes_provider_that_is_known_by_its_cluster(preview: bool) -> None:
    providers = registered(preview=preview).of("pulumi:providers:kubernetes")
    assert len(providers) == 3
    assert all("clusterIdentifier" in each.inputs or preview for each in providers.values())


def test_nothing_uses_a_default_provider() -> None:
    recorder = registered(preview=False)
    packages = ("aws:", "kubernetes:", "eks:")
    resources = [each for each in recorder.registered if each.token.startswith(packages)]
    assert {each.token.partition(":")[0] for each in resources} == {"aws", "kubernetes", "eks"}
    assert [each.name for each in resources if "::" not in each.provider] == []


def test_the_state_keeps_no_python_stack_of_objects_but_that_of_the_users_own_line() -> None:
    recorder = registered(preview=False, traced=True)
    assert "eks-federation:index:Federation" in recorder.traced
    assert not [token for token in recorder.traced if token.startswith("kubernetes:")]
    assert "eks-federation:index:FederatedWorkload" not in recorder.traced
    assert not hasattr(sys, "tracebacklimit")


def test_objects_of_a_member_go_through_that_members_provider() -> None:
    recorder = registered(preview=False)
    deployments = recorder.of(DEPLOYMENT)
    assert len(deployments) == 3
    for name, each in deployments.items():
        assert f"::{name.split('/')[0]}/" in each.provider


def test_weighted_record_sets_point_at_the_load_balancers_that_the_members_reported() -> None:
    records = registered(preview=False).of("aws:route53/record:Record")
    targets = {
        each.inputs["setIdentifier"]: each.inputs["aliases"][0]["name"]
        for each in records.values()
        if each.inputs["name"].startswith("_weighted.web.demo.atlas.svc.us-east-1.fed")
    }
    assert targets == {"us-east": "us-east.elb.amazonaws.com"}


def _shop() -> list[dict[str, Any]]:
    more = building.ingress("web") + building.ingress_record(spec="hosts: [shop.fed.example.com]")
    records = registered(preview=False, more=more).of("aws:route53/record:Record")
    return [dict(each.inputs) for each in records.values() if each.inputs["name"].endswith("shop.fed.example.com")]


def test_a_host_leads_to_the_load_balancer_of_each_members_ingress_in_the_zone_of_its_kind() -> None:
    sets = {each["setIdentifier"]: each["aliases"][0] for each in _shop() if "setIdentifier" in each}
    assert {name: each["name"] for name, each in sets.items()} == BALANCERS
    assert {name: each["zoneId"] for name, each in sets.items()} == {
        "ap-northeast": "Z-application-ap-northeast-1",
        "us-east": "Z-network-us-east-1",
        "us-west": "Z-application-us-west-2",
    }


def test_the_host_itself_is_a_simple_alias_in_the_federations_zone() -> None:
    (host,) = [each for each in _shop() if "setIdentifier" not in each]
    assert (host["name"], host["aliases"][0]["name"]) == ("shop.fed.example.com", "_weighted.shop.fed.example.com")
    assert "weightedRoutingPolicies" not in host


def test_the_global_name_is_weighed_by_region() -> None:
    records = registered(preview=False).of("aws:route53/record:Record")
    weights = {
        each.inputs["setIdentifier"]: each.inputs["weightedRoutingPolicies"][0]["weight"]
        for each in records.values()
        if each.inputs["name"] == "_weighted.web.demo.atlas.svc.fed.example.com"
    }
    assert weights == {"ap-northeast-1": 3, "us-east-1": 6, "us-west-2": 6}


def test_names_do_not_depend_on_the_order_in_which_members_are_written() -> None:
    names = [each.name for each in registered(preview=False).registered]
    turned = [each.name for each in registered_with(*reversed(THREE), preview=False).registered]
    assert len(names) == len(set(names))
    assert sorted(names) == sorted(turned)


def test_the_zone_that_the_federation_makes_is_protected_and_its_records_are_not() -> None:
    recorder = registered_with(*THREE, preview=False)
    protected = {name for name in recorder.protected if name.startswith("dns/")}
    assert protected == {"dns/zone/fed.example.com"}
    assert recorder.outputs["dns/names/fed.example.com"]["deletionProtection"] is True


@pytest.mark.parametrize(("before", "stays"), [("fed.example.com", True), ("", False)])
def test_a_zone_that_stands_stays_without_a_record(before: str, stays: bool) -> None:
    settings = federation()
    documents = replace(demo_documents(ROOT), service_records=())
    observed = Observed(registered={}, zone_before=before)
    plan = planner.plan(settings, documents, observed)
    assert plan.records == ()

    def make() -> Any:
        args = FederationArgs(settings=settings, plan=plan, secrets=NoSecrets(), observed=observed)
        return pulumi.Output.all(*(each.urn for each in Federation("atlas", args).objects.values()))

    assert bool(run(make, preview=False).of("aws:route53/zone:Zone")) is stays
