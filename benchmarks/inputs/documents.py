"""Make the inputs of `plan.py`: a project for this library, and the parts that kustomize's base and overlays share.

They are generated, not stored: a size is two numbers.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

NAMESPACE = "bench"
REGIONS = ("ap-northeast-1", "eu-west-1", "us-east-1", "us-west-2")
IMAGE = "/spec/template/spec/containers/0/image"
VARIABLE = "/spec/template/spec/containers/0/env/-"


def region_of(index: int) -> str:
    """The region of the member of that number."""
    return REGIONS[index % len(REGIONS)]


def write_project(project: Path, workloads: int, names: Sequence[str]) -> None:
    """A project with one stack, and one file per workload."""
    (project / "workloads").mkdir(parents=True)
    joined = {
        name: {
            "provider": "kubeconfig",
            "context": name,
            "region": region_of(index),
            "labels": {"at": region_of(index)},
        }
        for index, name in enumerate(names)
    }
    config: dict[str, Any] = {"eks-federation:federation": {"name": "bench"}, "eks-federation:members": joined}
    config["eks-federation:workloads"] = ["workloads"]
    write(project / "Pulumi.yaml", {"name": "eks-federation", "runtime": "python"})
    write(project / "Pulumi.dev.yaml", {"config": config})
    spec = {"template": {}, "placement": {"clusterSelector": {}}}
    write(project / "workloads" / "namespace.yaml", federated("Namespace", NAMESPACE, spec))
    for index in range(workloads):
        name = f"web-{index:04}"
        write(project / "workloads" / f"{name}.yaml", *workload(name, index, names))


def workload(name: str, index: int, names: Sequence[str]) -> list[dict[str, Any]]:
    """A federated Deployment with two overrides in every region, and the preference that divides its replicas."""
    spec = {
        "template": {key: deployment(name)[key] for key in ("metadata", "spec")},
        "placement": {"clusterSelector": {}},
        "overrides": [
            {"clusterSelector": {"matchLabels": {"at": region}}, "clusterOverrides": patches(region)}
            for region in REGIONS
        ],
    }
    preference = {
        "apiVersion": "scheduling.kubefed.io/v1alpha1",
        "kind": "ReplicaSchedulingPreference",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "targetKind": "FederatedDeployment",
            "totalReplicas": len(names) * (2 + index % 7),
            "clusters": {"*": {"weight": 1, "minReplicas": 1}, names[index % len(names)]: {"weight": 3}},
        },
    }
    return [federated("Deployment", name, spec), preference]


def patches(region: str) -> list[dict[str, Any]]:
    """The differences by region: the registry, and a variable."""
    return [
        {"op": "replace", "path": IMAGE, "value": f"{region}.registry.example.com/shop/web:1.27"},
        {"op": "add", "path": VARIABLE, "value": {"name": "REGION", "value": region}},
    ]


def federated(kind: str, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """One federated document."""
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "types.kubefed.io/v1beta1", "kind": f"Federated{kind}", "metadata": metadata, "spec": spec}


def deployment(name: str) -> dict[str, Any]:
    """A typical Deployment: probes, resources, some environment."""
    labels = {"app": name}
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10}
    container = {
        "name": "web",
        "image": "registry.example.com/shop/web:1.27",
        "ports": [{"containerPort": 8080, "name": "http"}],
        "env": [{"name": "LOG_LEVEL", "value": "info"}, {"name": "SERVICE", "value": name}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": probe,
        "livenessProbe": probe,
    }
    pods = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": pods},
    }


def write(path: Path, *trees: Mapping[str, Any]) -> None:
    """Some YAML documents."""
    path.write_text(yaml.dump_all(trees, Dumper=yaml.CSafeDumper), encoding="utf-8")
