"""A resource of EKS is waited for until it is ready, and its failure is reported."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.plugins.aws.call import Call, WaitFailedError
from sandbox.plugins.aws.resources import addons, clusters, node_groups

ISSUES = [{"code": "Code", "message": "first"}, {"code": "Other", "message": "second"}]
KINDS = {"cluster": clusters.settle, "nodegroup": node_groups.settle, "addon": addons.settle}


class Eks:
    """Answers every describe call with one thing."""

    def __init__(self, kind: str, found: dict[str, Any]) -> None:
        self._answer = {kind: found}

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        return lambda **_: self._answer


class Account:
    """An account that has nothing but EKS."""

    def __init__(self, eks: Eks) -> None:
        self._eks = eks

    def __call__(self, service: str, region: str) -> Eks:  # noqa: ARG002 -- it has one client
        return self._eks

    def account(self) -> str:
        return "123456789012"


def settle(kind: str, found: dict[str, Any]) -> None:
    aws = Account(Eks(kind, found))
    KINDS[kind](Call(aws=aws, region="us-east-1", say=lambda _: None, seconds=0), "shop:web", {})


@pytest.mark.parametrize(
    ("kind", "status"), [("cluster", "ACTIVE"), ("nodegroup", "ACTIVE"), ("addon", "ACTIVE"), ("addon", "DEGRADED")]
)
def test_what_is_ready_is_not_waited_for(kind: str, status: str) -> None:
    settle(kind, {"status": status})


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("cluster", "FAILED", "cluster shop:web is FAILED: first; second"),
        ("cluster", "DELETING", "cluster shop:web is DELETING: first; second"),
        ("nodegroup", "CREATE_FAILED", "node group shop:web is CREATE_FAILED: Code: first; Other: second"),
        ("nodegroup", "DEGRADED", "node group shop:web is DEGRADED: Code: first; Other: second"),
        ("addon", "CREATE_FAILED", "add-on shop:web is CREATE_FAILED: first; second"),
    ],
)
def test_what_failed_ends_the_wait_with_the_reasons_of_eks(kind: str, status: str, said: str) -> None:
    with pytest.raises(WaitFailedError) as caught:
        settle(kind, {"status": status, "health": {"issues": ISSUES}})
    assert str(caught.value) == said


def test_a_failure_without_reasons_says_that_there_are_none() -> None:
    with pytest.raises(WaitFailedError, match="cluster shop:web is FAILED: EKS does not say why"):
        settle("cluster", {"status": "FAILED"})


def test_what_is_on_its_way_is_waited_for_until_the_deadline() -> None:
    with pytest.raises(WaitFailedError, match="node group shop:web ACTIVE: not after 0 s"):
        settle("nodegroup", {"status": "CREATING"})
