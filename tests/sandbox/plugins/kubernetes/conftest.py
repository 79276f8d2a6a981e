"""Fixtures of the official Kubernetes provider's tests."""

import json
import secrets
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.toolchain.tools import Toolchain
from tests.sandbox.cloud import MemberCluster


@pytest.fixture(scope="module")
def kubectl(kubeconfig_cluster: MemberCluster, toolchain: Toolchain) -> Callable[..., Any]:
    """Runs kubectl against the cluster and returns its JSON, or its text for commands that print none."""

    def run(*arguments: str) -> Any:
        command = [str(toolchain.kubectl), "--kubeconfig", str(kubeconfig_cluster.kubeconfig), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    return run


def make_namespace(kubectl: Callable[..., Any]) -> str:
    """Create a namespace of its own; the control plane takes it along when it ends."""
    name = f"test-{secrets.token_hex(4)}"
    kubectl("create", "namespace", name)
    return name


@pytest.fixture
def namespace(kubectl: Callable[..., Any]) -> str:
    """A namespace of its own for a test."""
    return make_namespace(kubectl)
