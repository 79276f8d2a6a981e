"""``fed validate`` over a team's KubeFed manifests: no fault, or every fault at once."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import kubefed_manifests as manifests
from tests.places import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one stack, with the federation that the manifests are for and no documents yet."""
    members = {
        name: {**values, "kubernetesVersion": "1.34", "zones": [f"{values['region']}a", f"{values['region']}b"]}
        for name, values in manifests.EXPECTED["federation"].items()
    }
    config = {
        "eks-federation:federation": {"name": "atlas", "zone": "fed.test"},
        "eks-federation:members": members,
        "eks-federation:workloads": ["manifests"],
    }
    (tmp_path / "Pulumi.yaml").write_text("name: eks-federation\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(json.dumps({"config": config}))
    return tmp_path


def validate(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fed.main", "validate", "--cwd", str(project), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_kubefeds_manifests_are_valid_as_they_are(project: Path) -> None:
    manifests.planted(project)
    answer = validate(project)
    assert answer.returncode == 0, answer.stderr
    assert "4 members, no errors" in answer.stderr


def test_forty_faults_are_forty_lines_and_exit_code_one(project: Path) -> None:
    manifests.planted(project, *manifests.FAULTS)
    answer = validate(project)
    lines = [line for line in answer.stderr.splitlines() if not line.startswith("warning: ")]
    expected = [re.sub(r"\b([a-z-]+\.yaml:)", r"manifests/\1", fault["says"]) for fault in manifests.FAULTS]
    assert (
        lines.pop()
        == "Later checks are skipped: they could report follow-on errors. Correct these faults and run again."
    )
    assert sorted(lines) == sorted(expected)
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    assert "PLANTED" not in answer.stderr + answer.stdout


def test_programs_read_the_faults_as_json(project: Path) -> None:
    manifests.planted(project, *manifests.FAULTS)
    answer = validate(project, "--output", "json")
    found = [each for each in json.loads(answer.stdout)["faults"] if each["severity"] == "error"]
    assert len(found) == len(manifests.FAULTS)
    assert (
        answer.stderr
        == "Later checks are skipped: they could report follow-on errors. Correct these faults and run again.\n"
    )
    assert all(each["place"].startswith("manifests/") and each["message"] for each in found)
    assert answer.returncode == 1
    assert "PLANTED" not in answer.stderr + answer.stdout
