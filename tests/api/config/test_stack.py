"""A valid stack's config as a value (its faults are in ``test_faults``)."""

from typing import Any

import pytest

from federation.api.config.stack import federation_from_config
from federation.errors.fault import FaultsFoundError


def read(**members: Any) -> Any:
    attributes = {name.replace("_", "-"): {"kubernetesVersion": "1.34", **value} for name, value in members.items()}
    return federation_from_config({"name": "atlas"}, attributes, stack="dev")


def test_members_are_sorted_and_named_by_their_keys() -> None:
    federation = read(us_west={"region": "us-west-2"}, ap={"region": "ap-south-1"})
    assert [member.name for member in federation.members] == ["ap", "us-west"]


def test_zones_have_names_by_default() -> None:
    federation = read(
        us={"region": "us-east-1"}, ap={"region": "ap-northeast-1"}, eu={"region": "eu-west-1", "zones": []}
    )
    assert {member.name: member.zones for member in federation.members} == {
        "ap": ("ap-northeast-1a", "ap-northeast-1c"),
        "eu": ("eu-west-1a", "eu-west-1b"),
        "us": ("us-east-1a", "us-east-1b"),
    }


def test_a_kubeconfig_member_declares_its_places_itself() -> None:
    federation = read(laptop={"provider": "kubeconfig", "context": "kind-dev", "region": "tw", "zones": ["tw-1"]})
    assert federation.members[0].zones == ("tw-1",)


def test_the_rest_of_the_config_arrives() -> None:
    federation = federation_from_config(
        {"name": "atlas", "zone": "fed.example.com.", "timeoutSeconds": 60},
        {"us": {"region": "us-east-1", "available": False, "wave": 2, "kubernetesVersion": "1.33"}},
        stack="prod",
        options={"plan": {"strictness": "warn", "knownMembers": ["eu"]}, "dns": {"policy": "plain"}},
        siblings=["b", "a", "b"],
    )
    assert (federation.stack, federation.zone, federation.timeout_seconds) == ("prod", "fed.example.com", 60)
    assert (federation.plan.strictness, federation.plan.known_members) == ("warn", ("eu",))
    assert (federation.dns.policy, federation.dns.provider) == ("plain", "route53")
    assert federation.siblings == ("a", "b")
    assert (federation.members[0].available, federation.members[0].wave) == (False, 2)


def test_a_value_that_is_empty_counts_as_absent() -> None:
    assert read(us={"region": "us-east-1", "labels": None}).members[0].labels == {}


def test_python_values_have_faults_without_a_line() -> None:
    with pytest.raises(
        FaultsFoundError, match=r'^<python>: eks-federation:members\.us\.region: "x" is not an AWS region'
    ):
        read(us={"region": "x"})
