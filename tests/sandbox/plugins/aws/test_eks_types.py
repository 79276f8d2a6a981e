"""Clusters, node groups and what belongs to them, from making to deleting."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.plugins.aws import world
from tests.sandbox.plugins.aws.cycle import born, changed, gone
from tests.sandbox.plugins.aws.driver import Driver, RefusedError


def test_a_cluster_and_its_nodes_live(driver: Driver, boto: Callable[[str], Any], unique: str) -> None:
    plane = world.role(driver, f"{unique}-plane", "eks.amazonaws.com")
    nodes = world.role(driver, f"{unique}-nodes", "ec2.amazonaws.com")
    subnets = world.network(driver).subnet_ids
    inputs = world.cluster_inputs(unique, plane.state["arn"], subnets)
    cluster = born(driver, "aws:eks/cluster:Cluster", unique, inputs)
    assert cluster.state["endpoint"].startswith("https://")
    assert cluster.state["identities"][0]["oidcs"][0]["issuer"].startswith("https://oidc.eks.us-east-1.")
    changed(driver, cluster, inputs | {"tags": {"a": "b"}}, "tags")
    group = {
        "clusterName": cluster.identifier,
        "nodeRoleArn": nodes.state["arn"],
        "subnetIds": subnets,
        "scalingConfig": {"desiredSize": 2, "minSize": 1, "maxSize": 5},
        "labels": {"pool": "a", "old": "x"},
    }
    pool = born(driver, "aws:eks/nodeGroup:NodeGroup", "pool", group)
    more = group | {"scalingConfig": {"desiredSize": 4, "minSize": 1, "maxSize": 5}, "labels": {"pool": "b"}}
    changed(driver, pool, more, "scalingConfig", "labels")
    described = boto("eks").describe_nodegroup(clusterName=unique, nodegroupName=pool.state["nodeGroupName"])
    assert described["nodegroup"]["scalingConfig"]["desiredSize"] == 4
    assert described["nodegroup"]["labels"] == {"pool": "b"}
    assert driver.diff(pool, more | {"instanceTypes": ["m7g.large"]}).replaces == ("instanceTypes",)
    gone(driver, pool, cluster)


def test_a_new_kubernetes_version_is_an_update(driver: Driver, unique: str) -> None:
    plane = world.role(driver, unique, "eks.amazonaws.com")
    inputs = world.cluster_inputs(unique, plane.state["arn"], world.network(driver).subnet_ids) | {"version": "1.33"}
    cluster = driver.create("aws:eks/cluster:Cluster", unique, inputs)
    changed(driver, cluster, inputs | {"version": "1.34"}, "version")


def test_a_cluster_is_made_once(driver: Driver, unique: str) -> None:
    cluster = world.cluster(driver, unique)
    with pytest.raises(RefusedError, match=r"CreateCluster: ResourceInUseException"):
        driver.create("aws:eks/cluster:Cluster", "again", cluster.inputs)


def test_a_cluster_of_a_given_name_is_deleted_before_it_is_replaced(driver: Driver, unique: str) -> None:
    cluster = world.cluster(driver, unique)
    found = driver.diff(cluster, cluster.inputs | {"roleArn": "arn:aws:iam::123456789012:role/other"})
    assert found.replaces == ("roleArn",)
    assert found.delete_first


def test_a_cluster_is_imported_as_it_is(driver: Driver, unique: str) -> None:
    cluster = world.cluster(driver, unique)
    found = driver.import_("aws:eks/cluster:Cluster", unique, unique)
    assert found is not None
    assert driver.diff(found, cluster.inputs).replaces == ()


def test_who_may_use_a_cluster_lives(driver: Driver, unique: str) -> None:
    cluster = world.cluster(driver, f"{unique}-c").identifier
    person = world.role(driver, unique, "pods.eks.amazonaws.com").state["arn"]
    inputs = {"clusterName": cluster, "principalArn": person, "kubernetesGroups": ["viewers"]}
    entry = born(driver, "aws:eks/accessEntry:AccessEntry", "entry", inputs)
    policy = {
        "clusterName": cluster,
        "principalArn": person,
        "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
        "accessScope": {"type": "cluster"},
    }
    association = born(driver, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation", "view", policy)
    pod = {"clusterName": cluster, "namespace": "demo", "serviceAccount": "web", "roleArn": person}
    identity = born(driver, "aws:eks/podIdentityAssociation:PodIdentityAssociation", "pod", pod)
    gone(driver, identity, association)
    driver.update(entry, inputs | {"kubernetesGroups": ["editors"]})
    assert entry.state["kubernetesGroups"] == ["editors"]
    gone(driver, entry)


def test_an_add_on_lives(driver: Driver, unique: str) -> None:
    inputs: dict[str, Any] = {
        "clusterName": world.cluster(driver, unique).identifier,
        "addonName": "coredns",
        "preserve": True,
        "resolveConflictsOnCreate": "OVERWRITE",
        "configurationValues": json.dumps({"replicaCount": 2}),
    }
    addon = born(driver, "aws:eks/addon:Addon", "dns", inputs)
    more = inputs | {"configurationValues": json.dumps({"replicaCount": 3})}
    assert driver.diff(addon, more).changed == ("configurationValues",)
    driver.update(addon, more)
    assert json.loads(addon.state["configurationValues"]) == {"replicaCount": 3}
    gone(driver, addon)
