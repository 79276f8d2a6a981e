"""``fed new app`` writes documents that plan as they are, and overwrites nothing."""

from pathlib import Path

import pytest

from federation.operations.engine import outputs
from federation.plan.model.observed import Observed
from tests.fed.project import Fed, write


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fed:
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed())
    return Fed(write(tmp_path), capsys)


def files(fed: Fed) -> dict[str, str]:
    folder = fed.root / "workloads"
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("zone", ["", "fed.test"])
def test_what_is_written_is_sound_and_planned_for_every_member(fed: Fed, zone: str) -> None:
    members = {
        name: {"provider": "eks", "region": region, "kubernetesVersion": "1.34"}
        for name, region in (("a", "us-east-1"), ("b", "us-west-2"))
    }
    provider = "route53" if zone else "none"
    write(fed.root, federation={"name": "atlas", "zone": zone}, members=members, dns={"provider": provider})
    (fed.root / "workloads" / "web.yaml").write_text("")
    code, _, err = fed.run("new", "app", "shop")
    assert (code, err) == (
        0,
        "wrote workloads/shop/namespace.yaml\nwrote workloads/shop/shop.yaml\nnext: fed plan --stack dev\n",
    )
    code, _, err = fed.run("validate")
    assert (code, err) == (0, "stack dev: 3 federated documents, 2 members, no errors\n")
    code, out, _ = fed.run("plan")
    assert code == 0
    assert "Deployment shop/shop" in out
    assert ("shop.shop.atlas.svc.fed.test" in out) is bool(zone)


def test_a_namespace_that_is_federated_is_used(fed: Fed) -> None:
    code, _, _ = fed.run("new", "app", "shop", "--namespace", "demo", "--image", "shop:2")
    assert code == 0
    assert sorted(files(fed)) == ["shop/shop.yaml", "web.yaml"]
    assert "image: shop:2" in files(fed)["shop/shop.yaml"]
    assert fed.run("validate")[0] == 0


def test_nothing_is_overwritten(fed: Fed) -> None:
    (fed.root / "workloads" / "shop").mkdir()
    before = files(fed)
    code, _, err = fed.run("new", "app", "shop")
    assert code == 2
    assert "exists already, and nothing is overwritten" in err
    assert files(fed) == before


@pytest.mark.parametrize("name", ["../x", "", "Shop", "a/b", "1a", "a" * 64, "a_b"])
def test_a_name_that_is_none_is_refused(fed: Fed, name: str) -> None:
    before = files(fed)
    code, _, err = fed.run("new", "app", name)
    assert code == 2
    assert "is not a name that Kubernetes takes" in err
    assert files(fed) == before


def test_faulty_documents_are_corrected_first(fed: Fed) -> None:
    (fed.root / "workloads" / "web.yaml").write_text("a: [")
    assert fed.run("new", "app", "shop")[0] == 1
    assert sorted(files(fed)) == ["web.yaml"]
