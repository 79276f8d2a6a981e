"""The changes of clusters, networks and nodes, by member."""

from dataclasses import replace
from typing import Any

import pytest

from federation.api.model.members import Member
from federation.plan.changes import infrastructure
from federation.plan.changes.infrastructure import MemberChange
from federation.plan.model.observed import Observed
from federation.plan.model.standing import Standing
from tests.plan.building import federation

MEMBER = {"region": "us-east-1", "zones": ["us-east-1a", "us-east-1b"], "kubernetesVersion": "1.33"}
WHOLE = "EKS cluster 1.33, VPC 10.0.0.0/16, 2 x m6i.large in 2 zones, 33 resources"
STANDS = Standing(
    resources={"aws:ec2/vpc:Vpc": 1, "aws:eks/cluster:Cluster": 1, "others": 31},
    cluster="atlas-dev-us-east",
    kubernetes_version="1.33",
    cidr="10.0.0.0/16",
    instance_types=("m6i.large",),
    nodes=2,
    ranges={"us-east-1a": {"public": "10.0.0.0/20"}, "us-east-1b": {"public": "10.0.32.0/20"}},
    nat_zones=("us-east-1a",),
)
BEFORE = Observed(registered={}, clusters={"us-east": STANDS}, roles_before={"us-east": ""})


def becomes(observed: Observed = BEFORE, **change: Any) -> MemberChange:
    (found,) = infrastructure.changes(federation({"us-east": {**MEMBER, **change}}), observed)
    return found


def test_what_is_as_it_was_changes_nothing() -> None:
    assert becomes() == MemberChange(member="us-east", action="same", before=33, after=33)
    assert becomes(zones=["us-east-1b", "us-east-1a"]).action == "same"


def test_a_new_member_shows_all_that_is_made() -> None:
    assert becomes(Observed(registered={})) == MemberChange(member="us-east", action="create", after=33, lines=(WHOLE,))


def test_a_member_that_goes_shows_all_that_is_deleted() -> None:
    (gone,) = infrastructure.changes(federation({"x": {"provider": "kubeconfig", "context": "x"}}), BEFORE)
    lines = ("EKS cluster 1.33, VPC 10.0.0.0/16, 33 resources",)
    assert gone == MemberChange(member="us-east", action="remove", before=33, lines=lines)


def test_another_network_is_another_cluster() -> None:
    moved = replace(BEFORE, identities={"us-east": "new"}, identities_before={"us-east": "old"})
    found = becomes(moved, network={"cidr": "10.9.0.0/16"})
    assert (found.action, found.before, found.after) == ("replace", 33, 33)
    assert found.lines[0].startswith(
        "EKS cluster 1.33, VPC 10.0.0.0/16, 33 resources: deleted, and created again as EKS"
    )


@pytest.mark.parametrize(
    ("change", "after", "lines"),
    [
        ({"kubernetesVersion": "1.34"}, 33, ["Kubernetes 1.33 -> 1.34, in place"]),
        ({"nodes": {"desired": 4}}, 33, ["nodes 2 -> 4"]),
        (
            {"nodes": {"instanceType": "m6i.xlarge"}},
            33,
            [
                "node group replaced (instanceType m6i.large -> m6i.xlarge): new nodes first, then the old ones are "
                "drained"
            ],
        ),
        ({"network": {"nat": "perZone"}}, 35, ["NAT gateways 1 -> 2"]),
        (
            {"zones": ["us-east-1b", "us-east-1c", "us-east-1d"]},
            38,
            [
                "subnets made in us-east-1c, us-east-1d",
                "subnets removed in us-east-1a",
                "node group replaced (other zones): new nodes first, then the old ones are drained",
            ],
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_differs_is_said(change: dict[str, Any], after: int, lines: list[str]) -> None:
    found = becomes(**change)
    assert (found.action, found.before, found.after, list(found.lines)) == ("change", 33, after, lines)


def test_a_held_members_infrastructure_stays_as_it_is() -> None:
    assert becomes(available=False, kubernetesVersion="1.34", zones=["us-east-1f"]).action == "same"


def test_a_cluster_that_was_not_finished_goes_on() -> None:
    half = Observed(registered={}, clusters={"us-east": Standing(resources={"aws:ec2/vpc:Vpc": 1})})
    assert becomes(half).lines == (f"goes on where an earlier update ended: {WHOLE}",)


def test_it_is_said_where_nobody_has_looked() -> None:
    assert not infrastructure.is_known(Observed())
    assert not infrastructure.is_known(replace(BEFORE, clusters={}))
    assert infrastructure.is_known(BEFORE)
    assert infrastructure.is_known(Observed(registered={}))


def test_as_data_it_has_every_member_with_what_stands() -> None:
    tree = infrastructure.to_tree(federation({"us-east": MEMBER}), BEFORE)
    assert tree["known"] is True
    assert tree["members"]["us-east"] == {
        "action": "same",
        "before": 33,
        "after": 33,
        "changes": [],
        "standing": STANDS.resources,
    }


def test_members_of_a_kubeconfig_have_none() -> None:
    joined = Member(name="here", provider="kubeconfig", context="here")
    assert infrastructure.changes(federation().model_copy(update={"members": (joined,)}), Observed()) == ()
