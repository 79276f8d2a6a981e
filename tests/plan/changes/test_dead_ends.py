"""Updates that AWS or Pulumi would stop half-way are refused before registration, with the guard on or off."""

from dataclasses import replace
from typing import Any

import pytest

from federation.api.model.members import FederationSettings, Network
from federation.errors.fault import Severity
from federation.operations.engine import guarding
from federation.plan.changes import dead_ends
from federation.plan.model.observed import Observed
from federation.plan.model.standing import Standing
from federation.plan.planner import plan
from tests.plan.building import TALK, THE_TALK, documents, federation

STANDS = Standing(resources={"aws:ec2/vpc:Vpc": 36}, kubernetes_version="1.33", is_protected=True)
ALL = Observed(clusters=dict.fromkeys(THE_TALK, STANDS), protected_zone="fed.test", zone_before="fed.test")
HERE = {"us-west": {"provider": "kubeconfig", "context": "here"}}


def refused(settings: FederationSettings, observed: Observed = ALL) -> list[str]:
    return [str(each) for each in dead_ends.refusals(settings, observed)]


def without(name: str, **settings: Any) -> FederationSettings:
    settings["plan"] = {"unjoin": [name], "knownMembers": [name]}
    return federation({key: value for key, value in THE_TALK.items() if key != name}, **settings)


def changed(**values: Any) -> FederationSettings:
    made = federation()
    west = made.member("us-west").model_copy(update=values)
    return made.model_copy(update={"members": (*made.members[:-1], west)})


def test_what_stays_passes() -> None:
    assert refused(federation()) == []
    assert refused(federation(lost=("us-west",))) == []


def test_a_protected_cluster_does_not_go_though_its_member_may() -> None:
    (found,) = refused(without("us-west"))
    assert found == (
        "Pulumi.dev.yaml: eks-federation:members.us-west: the EKS cluster of us-west and its VPC (36 resources on AWS) "
        "would be deleted, since us-west is no longer an eks member; they are protected from deletion; if this is "
        "meant, put us-west back as it was with deletionProtection: false, update, and change it in the update after "
        "that"
    )


def test_a_cluster_whose_protection_was_lifted_goes() -> None:
    lifted = replace(ALL, clusters={**ALL.clusters, "us-west": replace(STANDS, is_protected=False)})
    assert refused(without("us-west"), lifted) == []


def test_a_member_that_becomes_one_of_a_kubeconfig_loses_its_cluster() -> None:
    (found,) = refused(federation({**THE_TALK, **HERE}))
    assert "us-west is no longer an eks member" in found


def test_a_protected_cluster_is_not_replaced_by_another() -> None:
    observed = replace(ALL, identities={"us-west": "new"}, identities_before={"us-west": "old"})
    (found,) = refused(federation(), observed)
    assert "since us-west leads to another cluster" in found


@pytest.mark.parametrize(
    "change", [{"zone": "other.test"}, {"dns": {"provider": "none"}}, {"dns": {"zoneId": "Z1"}}], ids=str
)
def test_a_protected_zone_does_not_go(change: dict[str, Any]) -> None:
    (found,) = refused(federation(**change))
    assert "hosted zone fed.test would be deleted, with its name servers; it is protected from deletion" in found
    assert "set deletionProtection to false beside them, update" in found
    assert refused(federation(**change), replace(ALL, protected_zone="")) == []


@pytest.mark.parametrize(("version", "count"), [("1.32", 1), ("1.9", 1), ("1.33", 0), ("1.34", 0)])
def test_kubernetes_is_not_downgraded(version: str, count: int) -> None:
    found = refused(changed(kubernetes_version=version))
    assert len(found) == count
    for each in found:
        assert each == (
            "Pulumi.dev.yaml: eks-federation:members.us-west.kubernetesVersion: the cluster of us-west runs Kubernetes "
            '1.33, and EKS takes no older version; write "1.33", or a later one'
        )


def test_a_held_member_is_not_called_so_its_version_does_not_matter() -> None:
    assert refused(changed(kubernetes_version="1.30", available=False)) == []


def test_a_zone_waits_for_the_range_of_one_that_goes() -> None:
    ranges = {
        "us-west-2a": {"public": "10.0.0.0/20", "private": "10.0.16.0/20"},
        "us-west-2b": {"public": "10.0.32.0/20", "private": "10.0.48.0/20"},
    }
    observed = replace(ALL, clusters={"us-west": replace(STANDS, ranges=ranges)})
    zones, network = ("us-west-2b", "us-west-2c"), Network(cidr="10.0.0.0/18")
    (found,) = refused(changed(zones=zones, network=network), observed)
    assert "zones: 10.0.0.0/18 has no free /20 range for zone us-west-2c while the others stand" in found
    assert refused(changed(zones=zones), observed) == []


def test_neither_the_guard_nor_an_allowed_loss_lets_it_pass() -> None:
    settings = without("us-west")
    made = plan(settings, documents(TALK), ALL)
    for environment in ({"EKS_FEDERATION_GUARD": "off"}, {"EKS_FEDERATION_ALLOW": "Cluster/us-west"}):
        (found,) = guarding.findings(settings, made, ALL, environment)
        assert found.severity is Severity.ERROR


def test_a_cluster_of_which_nothing_stands_any_more_is_not_in_the_way() -> None:
    gone = replace(ALL, clusters={**ALL.clusters, "us-east": Standing(is_protected=True)})
    assert refused(without("us-east"), gone) == []


def test_the_zone_of_another_federation_in_the_stack_is_not_in_the_way() -> None:
    assert refused(federation(zone=""), replace(ALL, zone_before="")) == []
