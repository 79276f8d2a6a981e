"""Held members: what stands there is registered as it was, and nothing is registered by guessing."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from federation import Federation, FederationArgs
from federation.api.model.types import KNOWN, TypeConfig
from federation.components.federation import QuarantineUnknownError, in_order
from federation.components.kubernetes.objects import ConfigSecrets
from federation.plan import planner
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from tests.components.mocks import HELD_STATE, KUBECONFIG, THREE, Recorder, demo_documents, federation, run
from tests.places import ROOT

pytestmark = pytest.mark.mocks

LOST = tuple(each.model_copy(update={"available": each.name != "us-east"}) for each in THREE)
GONE = IndexEntry(logical_name="us-east/demo/Secret/gone", token="kubernetes:core/v1:Secret")


def plan(observed: Observed) -> Plan:
    return planner.plan(federation(*LOST), demo_documents(ROOT), observed)


def standing() -> Observed:
    """All that us-east got while it was available, and a Secret that no document asks for any more."""
    before = planner.plan(federation(), demo_documents(ROOT)).member("us-east").index or ()
    return Observed(registered={"us-east": (*before, GONE)})


def registered(observed: Observed, *, preview: bool = False) -> Recorder:
    def make() -> Any:
        secrets = ConfigSecrets(pulumi.Config())
        made = Federation("atlas", FederationArgs(settings=federation(*LOST), plan=plan(observed), secrets=secrets))
        return pulumi.Output.all(*(each.urn for each in made.objects.values()))

    return run(make, preview=preview, state=HELD_STATE)


@pytest.mark.parametrize("preview", [True, False])
def test_its_objects_are_registered_by_their_identity_alone(preview: bool) -> None:
    recorder = registered(standing(), preview=preview)
    objects = [each for each in recorder.registered if each.name.startswith("us-east/demo/")]
    assert {each.name.removeprefix("us-east/demo/") for each in objects} == {
        "ConfigMap/web",
        "Deployment/web",
        "Secret/gone",
        "Service/web",
    }
    assert all(set(each.inputs) <= {"apiVersion", "kind", "metadata", "status"} for each in objects)
    assert all(set(each.inputs["metadata"]) == {"name", "namespace"} for each in objects)
    assert all("::us-east/kubernetes::" in each.provider for each in objects)


def test_a_document_that_only_it_still_has_keeps_its_component() -> None:
    components = registered(standing()).of("eks-federation:index:FederatedWorkload")
    assert "demo/Secret/gone" in components


def test_its_cluster_and_its_provider_stay() -> None:
    recorder = registered(standing())
    assert "us-east" in recorder.of("eks-federation:index:EksCluster")
    assert "us-east-cluster" not in recorder.of("eks:index:Cluster")
    provider = recorder.of("pulumi:providers:kubernetes")["us-east/kubernetes"]
    assert provider.inputs["clusterIdentifier"] == "oidc/lost"
    assert provider.inputs["kubeconfig"]["value"] == KUBECONFIG


def test_its_provider_waits_for_its_api_server_for_two_seconds_and_keeps_its_other_settings() -> None:
    recorder = registered(standing())
    providers = recorder.of("pulumi:providers:kubernetes")
    patience = {name: each.inputs.get("kubeClientSettings") for name, each in providers.items()}
    assert {name: json.loads(text) for name, text in patience.items() if text} == {"us-east/kubernetes": {"timeout": 2}}
    kept = set(providers["us-east/kubernetes"].inputs) - {"kubeClientSettings"}
    assert kept <= set(recorder.ignored["us-east/kubernetes"])
    assert recorder.ignored.get("us-west/kubernetes", []) == []


def test_dns_goes_without_it() -> None:
    recorder = registered(standing())
    sets = {each.inputs.get("setIdentifier") for each in recorder.of("aws:route53/record:Record").values()}
    assert sets >= {"ap-northeast", "us-west"}
    assert not sets & {"us-east", "us-east-1"}
    assert not [name for name in recorder.of("aws:route53/healthCheck:HealthCheck") if name.endswith("/us-east")]


def test_dns_goes_on_with_services_that_rest() -> None:
    propagated = demo_documents(ROOT)
    config = TypeConfig(
        name="services", target=KNOWN["Service"], federated_kind="FederatedService", propagation="Disabled"
    )
    before = planner.plan(federation(), propagated)
    seen = Observed(registered={member.name: member.index or () for member in before.members})
    resting = planner.plan(federation(), replace(propagated, type_configs=(config,)), seen)

    def made(of: Plan) -> Recorder:
        secrets = ConfigSecrets(pulumi.Config())
        return run(
            lambda: Federation("atlas", FederationArgs(settings=federation(), plan=of, secrets=secrets)).urn,
            preview=False,
        )

    now = made(resting)
    records = {name: each.inputs for name, each in now.of("aws:route53/record:Record").items()}
    assert records
    assert records == {name: each.inputs for name, each in made(before).of("aws:route53/record:Record").items()}
    services = [each for each in now.registered if each.name.endswith("/demo/Service/web")]
    assert [set(each.inputs) <= {"apiVersion", "kind", "metadata", "status"} for each in services] == [True] * 3


def test_what_nobody_has_looked_at_is_refused_before_anything_is_registered() -> None:
    with pytest.raises(QuarantineUnknownError, match=r"us-east is quarantined .* all of that would be deleted"):
        registered(Observed())


def test_a_held_document_comes_after_its_namespace_whatever_the_documents_say_now() -> None:
    entries = [
        IndexEntry(logical_name="us-east/shop/ConfigMap/old", token="kubernetes:core/v1:ConfigMap"),
        IndexEntry(logical_name="us-east/Namespace/shop", token="kubernetes:core/v1:Namespace"),
    ]
    order = list(in_order(plan(standing()), {each.document: [each] for each in entries}))
    assert order.index("Namespace/shop") < order.index("shop/ConfigMap/old")
