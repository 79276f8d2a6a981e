"""Fixtures of the sandbox's tests: the toolchain, one running sandbox for all workers, one cluster that is not EKS."""

import functools
from collections.abc import Iterator
from pathlib import Path

import botocore.loaders
import pytest

from sandbox.toolchain import build
from sandbox.toolchain.tools import Toolchain
from tests.sandbox import cloud as running
from tests.sandbox.cloud import Cloud, MemberCluster


@pytest.fixture(scope="session", autouse=True)
def _parsed_once() -> Iterator[None]:
    """Let all boto3 sessions of a process share what botocore has parsed: its service models are megabytes of JSON."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.loaders, "create_loader", functools.cache(botocore.loaders.create_loader))
        yield


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """Every program of the sandbox; raises `ToolchainError`, with what to do, when one cannot be had."""
    return build.ensure(print)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run share, and no other run."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "cloud"


@pytest.fixture(scope="session")
def cloud(run_folder: Path, toolchain: Toolchain) -> Iterator[Cloud]:
    """A running sandbox, shared by the whole run: use clusters, VPCs and zones of your own names in it."""
    with running.shared(run_folder) as shared:
        yield shared


@pytest.fixture(scope="session")
def kubeconfig_cluster(cloud: Cloud) -> MemberCluster:
    """A cluster that is not EKS, shared by the whole run: use namespaces of your own in it."""
    return running.member(cloud, "shared")
