"""A secret without a key in the stack's config is a fault of its document before `pulumi` runs."""

import json
from pathlib import Path

import pytest

from federation.operations.engine import outputs
from federation.plan.model.observed import Observed
from tests.fed.project import Fed, write
from tests.plan.building import NAMESPACE

TAKES = (
    "---\n"
    "apiVersion: types.kubefed.io/v1beta1\n"
    "kind: FederatedSecret\n"
    "metadata: {name: token, namespace: demo}\n"
    "spec: {template: {stringData: {t: {valueFrom: {config: shopToken}}}}, placement: {clusterSelector: {}}}\n"
)
FAULT = (
    "workloads/web.yaml:{line}: Secret demo/token: it takes a value from the stack's config, and stack dev has none "
    "under 'shopToken'; pulumi config set --secret shopToken"
)


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fed:
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed())
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return Fed(write(tmp_path / "project", NAMESPACE + TAKES), capsys)


def fault() -> str:
    lines = (NAMESPACE + TAKES).splitlines()
    return FAULT.format(line=lines.index("kind: FederatedSecret"))


def has(fed: Fed, key: str, value: object) -> None:
    """Put ``key`` into the stack's file as Pulumi does, encrypted or not."""
    path = fed.root / "Pulumi.dev.yaml"
    path.write_text(path.read_text() + f"  {key}: {json.dumps(value)}\n")


def pulumi(fed: Fed, answer: str) -> None:
    """Put a `pulumi` on PATH that prints ``answer``."""
    program = fed.root.parent / "bin" / "pulumi"
    program.write_text(f"#!/bin/sh\ncat <<'X'\n{answer}\nX\n")
    program.chmod(0o755)


def test_validate_names_the_document_and_the_remedy(fed: Fed) -> None:
    code, _, err = fed.run("validate")
    assert code == 1
    assert fault() in err.splitlines()


def test_programs_read_it_among_the_faults(fed: Fed) -> None:
    code, out, _ = fed.run("validate", "--output", "json")
    assert code == 1
    assert [each["message"] for each in json.loads(out)["faults"]] == [
        "it takes a value from the stack's config, and stack dev has none under 'shopToken'"
    ]


def test_plan_is_printed_and_ends_with_the_fault(fed: Fed) -> None:
    code, out, err = fed.run("plan")
    assert code == 1
    assert "Secret demo/token" in out
    assert fault() in err.splitlines()


@pytest.mark.parametrize("value", ["plain", {"secure": "v1:abc:def"}], ids=["plain", "encrypted"])
def test_the_key_is_enough_whatever_its_value(fed: Fed, value: object) -> None:
    has(fed, "eks-federation:shopToken", value)
    assert fed.run("validate")[0] == 0
    assert fed.run("plan")[0] == 0


def test_another_programs_key_of_that_name_does_not_count(fed: Fed) -> None:
    has(fed, "aws:shopToken", "x")
    assert fed.run("validate")[0] == 1


def test_a_default_of_the_project_counts_and_a_description_alone_does_not(fed: Fed) -> None:
    project = fed.root / "Pulumi.yaml"
    start = project.read_text() + "config:\n  shopToken:\n    type: string\n"
    project.write_text(start)
    assert fed.run("validate")[0] == 1
    project.write_text(start + "    default: x\n")
    assert fed.run("validate")[0] == 0


def test_pulumi_may_know_of_more_than_the_file_holds(fed: Fed) -> None:
    pulumi(fed, '{"eks-federation:shopToken": {"secret": true}}')
    assert fed.run("validate")[0] == 0
    pulumi(fed, '{"eks-federation:other": {"secret": true}}')
    assert fed.run("validate")[0] == 1


def test_values_from_an_environment_are_not_judged_without_pulumi(fed: Fed) -> None:
    path = fed.root / "Pulumi.dev.yaml"
    path.write_text("environment: [shop/dev]\n" + path.read_text())
    assert fed.run("validate")[0] == 0
