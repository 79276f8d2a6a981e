"""Small objects for tests."""

from typing import Any

Tree = dict[str, Any]

MANAGER = "eks-federation"


def metadata(namespace: str, name: str, **annotations: str) -> Tree:
    """Metadata with the field manager that the program uses; `__` in an annotation's name stands for `pulumi.com/`."""
    extra = {key.replace("__", "pulumi.com/"): value for key, value in annotations.items()}
    return {
        "namespace": namespace,
        "name": name,
        "annotations": {"pulumi.com/patchFieldManager": MANAGER, **extra},
    }


def config_map(namespace: str, name: str, **data: str) -> Tree:
    """A ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(namespace, name), "data": data}


def secret(namespace: str, name: str, **values: str) -> Tree:
    """A Secret with `stringData`."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata(namespace, name), "stringData": values}


def deployment(namespace: str, name: str, *, replicas: int = 1, image: str = "web:1", **annotations: str) -> Tree:
    """A Deployment of one container, with a quantity that the API server writes differently."""
    labels = {"app": name}
    container = {"name": "web", "image": image, "resources": {"requests": {"cpu": "0.01"}}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(namespace, name, **annotations),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def service(namespace: str, name: str, *, kind: str = "ClusterIP", **annotations: str) -> Tree:
    """A Service in front of the Deployment of the same name."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(namespace, name, **annotations),
        "spec": {"type": kind, "selector": {"app": name}, "ports": [{"port": 80}]},
    }


def definition(plural: str, kind: str) -> Tree:
    """A CustomResourceDefinition in the group `example.org`."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.org"},
        "spec": {
            "group": "example.org",
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }
