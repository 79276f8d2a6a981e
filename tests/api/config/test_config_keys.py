"""Mistyped keys of a stack's config are reported, and no others."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from federation.api.config import config_keys
from federation.api.reading.loading import read_mapping
from tests import places

KEYS = ("dns", "federation", "guard", "members", "plan", "workloads")
ALLOWED = "allowed: " + ", ".join(f"eks-federation:{key}" for key in KEYS)
CASES = yaml.safe_load((places.CASES / "config/keys.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=[each["case"] for each in CASES])
def test_a_mistyped_key_is_reported_with_its_line_and_the_likely_key(case: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(case["text"])
    tree, source = read_mapping(file, root=tmp_path)
    faults = [str(fault) for fault in config_keys.faults(tree["config"], source)]
    assert faults == [each.replace("ALLOWED", ALLOWED) for each in case["faults"]]
