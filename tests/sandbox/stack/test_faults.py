"""Many broken manifests, one update: every fault at its line, exit code not 0, no traceback, nothing touched."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.place import CHECKOUT
from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import harness
from tests.sandbox.stack.harness import Project

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("stack-faults")]

KINDS = 24
NAMESPACE = "faults-test"


def cases() -> list[dict[str, Any]]:
    """Cases of wrong documents, spread over all that there are."""
    folder = CHECKOUT / "tests" / "cases" / "faults"
    files = sorted(path for path in folder.glob("*.yaml") if path.stem not in ("settings", "syntax"))
    loaded = [case for path in files for case in yaml.safe_load(path.read_text())]
    errors = [case for case in loaded if not any("warning:" in line for line in case["faults"]) and case["faults"]]
    # What is wrong with one file because of another would read differently among so many.
    alone = [case for case in errors if not any("twice" in line for line in case["faults"])]
    plain = [case for case in alone if "file" not in case and "strictness" not in case]
    return plain[:: max(1, len(plain) // KINDS)][:KINDS]


@pytest.fixture(scope="module")
def broken(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = harness.make(tmp_path_factory.mktemp("faults"), cloud, {"here": "shared"})
    project.write(
        "sound",
        f"""
        apiVersion: types.kubefed.io/v1beta1
        kind: FederatedNamespace
        metadata: {{name: {NAMESPACE}, namespace: {NAMESPACE}}}
        spec: {{placement: {{clusterSelector: {{}}}}}}
        """,
    )
    for number, case in enumerate(cases()):
        Path(project.folder / "workloads" / f"fault-{number}.yaml").write_text(case["text"])
    return project


def expected() -> list[str]:
    return [
        line.replace("web.yaml", f"workloads/fault-{number}.yaml")
        for number, case in enumerate(cases())
        for line in case["faults"]
    ]


def test_there_are_at_least_twenty_kinds_of_fault() -> None:
    assert len(cases()) >= 20


def test_the_update_ends_with_every_fault_and_touches_nothing(broken: Project) -> None:
    output = broken.up(fails=True)
    unbroken = " ".join(output.split())
    assert [line for line in expected() if " ".join(line.split()) not in unbroken] == []
    assert "Traceback" not in output
    types = [each["type"] for each in broken.state().get("resources", [])]
    assert set(types) <= {"pulumi:pulumi:Stack"}
    names = [each["metadata"]["name"] for each in broken.get("here", "namespaces")["items"]]
    assert NAMESPACE not in names


def test_the_offline_commands_say_the_same_with_exit_code_1(broken: Project) -> None:
    for command in ("validate", "plan"):
        output = " ".join(broken.run("fed", command, "--stack", "dev", fails=True).split())
        assert [line for line in expected() if " ".join(line.split()) not in output] == []
        assert "Traceback" not in output
