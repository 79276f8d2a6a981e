"""An orphan is forgotten when its label is taken, or when no kubeconfig leads to its member any more."""

import asyncio

import pulumi
import pytest

from federation.components.kubernetes import orphans

URN = "urn:pulumi:dev::shop::kubernetes:apps/v1:Deployment::east/shop/Deployment/web"
MANIFEST = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}


def run(kubeconfig: str) -> None:
    async def kubeconfigs(_: str) -> str:
        return kubeconfig

    args = pulumi.ResourceHookArgs(
        urn=URN,
        id="shop/web",
        name="east/shop/Deployment/web",
        type="kubernetes:apps/v1:Deployment",
        old_inputs=MANIFEST,
    )
    asyncio.run(orphans.release(args, kubeconfigs))


def test_an_orphan_that_cannot_be_reached_is_forgotten_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    messages: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", messages.append)
    run("")
    (line,) = messages
    assert "east/shop/Deployment/web stays with its label kubefed.io/managed" in line
    assert "kubectl -n shop label Deployment web kubefed.io/managed-" in line


def test_an_orphan_whose_member_refuses_is_not_forgotten_and_the_way_out_is_named() -> None:
    with pytest.raises(orphans.NotReleasedError) as raised:
        run("no kubeconfig")
    assert f"pulumi state delete '{URN}'" in str(raised.value)
