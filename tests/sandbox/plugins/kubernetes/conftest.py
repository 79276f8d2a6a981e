"""What the tests of the kubernetes stand-in share: providers configured for it."""

import json
import secrets
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.toolchain.tools import Toolchain
from tests.sandbox.cloud import MemberCluster
from tests.sandbox.plugins.kubernetes.harness import Provider


@pytest.fixture
def make_provider(kubeconfig_cluster: MemberCluster) -> Iterator[Callable[..., Provider]]:
    """Makes providers for the cluster, with settings as keywords."""
    made: list[Provider] = []

    def make(**settings: Any) -> Provider:
        made.append(Provider(kubeconfig_cluster.kubeconfig.read_text(), **settings))
        return made[-1]

    yield make
    for provider in made:
        provider.close()


@pytest.fixture
def provider(make_provider: Callable[..., Provider]) -> Provider:
    """A provider as the program configures it."""
    return make_provider(enablePatchForce="true", upsertExistingObjects="true", enableConfigMapMutable="true")


@pytest.fixture
def kubectl(kubeconfig_cluster: MemberCluster, toolchain: Toolchain) -> Callable[..., Any]:
    """Runs kubectl against the cluster and returns its JSON, or its text for commands that print none."""

    def run(*arguments: str) -> Any:
        command = [str(toolchain.kubectl), "--kubeconfig", str(kubeconfig_cluster.kubeconfig), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    return run


@pytest.fixture
def namespace(kubectl: Callable[..., Any]) -> str:
    """A namespace of its own for a test; the control plane takes it along when it ends."""
    name = f"test-{secrets.token_hex(4)}"
    kubectl("create", "namespace", name)
    return name
