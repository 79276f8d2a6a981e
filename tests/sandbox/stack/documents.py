"""Federated documents for stacks in tests: the talk's application on clusters that are not EKS, in a namespace."""

from typing import Any

import yaml

__all__ = ["config_map", "deployment", "federated", "namespace", "preference", "service", "text"]


def text(*documents: dict[str, Any]) -> str:
    """The documents as one file."""
    return yaml.safe_dump_all(documents, sort_keys=False)


def namespace(name: str) -> dict[str, Any]:
    """A federated namespace, everywhere."""
    return federated("Namespace", name, name)


def config_map(where: str, name: str, **data: str) -> dict[str, Any]:
    """A federated ConfigMap, everywhere."""
    return federated("ConfigMap", where, name, template={"data": data})


def deployment(where: str, name: str, *, image: str = "web:1", replicas: int = 1) -> dict[str, Any]:
    """A federated Deployment, everywhere."""
    labels = {"app": name}
    container = {"name": "web", "image": image, "resources": {"requests": {"cpu": "10m"}}}
    pods = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": pods}
    return federated("Deployment", where, name, template={"metadata": {"labels": labels}, "spec": spec})


def service(where: str, name: str) -> dict[str, Any]:
    """A federated Service with a load balancer for the Deployment of its name, everywhere."""
    spec = {"type": "LoadBalancer", "selector": {"app": name}, "ports": [{"name": "http", "port": 80}]}
    return federated("Service", where, name, template={"spec": spec})


def preference(where: str, name: str) -> dict[str, Any]:
    """The talk's preference: 15 replicas, of which ap-northeast takes 3 at most."""
    clusters = {
        "*": {"weight": 2, "maxReplicas": 12},
        "ap-northeast": {"weight": 1, "minReplicas": 1, "maxReplicas": 3},
    }
    return {
        "apiVersion": "scheduling.kubefed.io/v1alpha1",
        "kind": "ReplicaSchedulingPreference",
        "metadata": {"name": name, "namespace": where},
        "spec": {"targetKind": "FederatedDeployment", "totalReplicas": 15, "clusters": clusters},
    }


def federated(kind: str, where: str, name: str, **spec: Any) -> dict[str, Any]:
    """A federated document of any kind, everywhere; ``spec`` goes beside its placement."""
    return {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": f"Federated{kind}",
        "metadata": {"name": name, "namespace": where},
        "spec": {**spec, "placement": {"clusterSelector": {}}},
    }
