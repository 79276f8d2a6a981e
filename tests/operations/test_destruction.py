"""What the destruction of a stack takes away is told from its state, by count and by name."""

from typing import Any

from federation.operations import destruction


def resource(type_: str, name: str, **more: Any) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:dev::p::{type_}::{name}", "type": type_, "custom": True, **more}


FEDERATION: dict[str, Any] = {
    "urn": "urn:pulumi:dev::p::eks-federation:index:Federation::atlas",
    "type": "eks-federation:index:Federation",
    "custom": False,
}
STATE: dict[str, Any] = {
    "resources": [
        {"urn": "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev", "type": "pulumi:pulumi:Stack"},
        FEDERATION,
        resource("pulumi:providers:kubernetes", "us-east"),
        resource("kubernetes:core/v1:Namespace", "us-east/Namespace/shop"),
        resource("kubernetes:core/v1:PersistentVolumeClaim", "us-east/shop/PersistentVolumeClaim/data"),
        resource("kubernetes:core/v1:ConfigMap", "us-east/shop/ConfigMap/kept", retainOnDelete=True),
        resource(
            "kubernetes:core/v1:ConfigMap",
            "us-west/other/ConfigMap/kept",
            retainOnDelete=True,
            resourceHooks={"before-delete": ["x"]},
        ),
        resource("aws:eks/cluster:Cluster", "us-east", outputs={"name": "atlas-dev-us-east"}),
        resource("aws:ec2/vpc:Vpc", "us-east-vpc"),
        resource("aws:ec2/vpc:Vpc", "found", external=True),
        resource("aws:route53/zone:Zone", "zone", outputs={"name": "fed.test"}, protect=True),
        resource("aws:route53/record:Record", "web"),
        resource("aws:route53/record:Record", "api", outputs={"name": 3}),
    ]
}


def test_objects_are_counted_by_member_and_what_holds_data_is_named() -> None:
    toll = destruction.summarise(STATE)
    assert toll.objects == {"us-east": 2}
    assert toll.stored == ("us-east/shop/PersistentVolumeClaim/data",)
    assert toll.namespaces == ("us-east/Namespace/shop",)
    assert toll.resources == 7


def test_clusters_networks_zones_and_records_are_found() -> None:
    toll = destruction.summarise(STATE)
    assert (toll.clusters, toll.networks, toll.zones, toll.records) == (("atlas-dev-us-east",), 1, ("fed.test",), 2)


def test_an_orphan_stays_unless_its_namespace_goes_and_needs_the_program() -> None:
    toll = destruction.summarise(STATE)
    assert toll.kept == ("us-west/other/ConfigMap/kept",)
    assert toll.needs_program


def test_a_hook_of_another_operation_needs_no_program() -> None:
    state = {"resources": [resource("kubernetes:core/v1:ConfigMap", "a/b/C/d", resourceHooks={"after-create": ["x"]})]}
    assert not destruction.summarise(state).needs_program


def test_resources_on_aws_are_read_from_the_state() -> None:
    objects = [each for each in STATE["resources"] if not each["type"].startswith("aws:")]
    assert destruction.summarise(STATE).on_aws
    assert not destruction.summarise({"resources": objects}).on_aws
    found = [resource("aws:ec2/vpc:Vpc", "found", external=True)]
    assert not destruction.summarise({"resources": [*objects, *found]}).on_aws


def test_what_is_protected_is_named() -> None:
    assert [urn.rpartition("::")[2] for urn in destruction.summarise(STATE).protected] == ["zone"]


def test_an_empty_state_takes_nothing() -> None:
    toll = destruction.summarise({})
    assert (toll.resources, toll.objects, toll.protected) == (0, {}, ())
