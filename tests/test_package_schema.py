"""The component package's schema is the one that programs in other languages were written for.

``pulumi package get-schema package`` makes ``tests/cases/package/schema.json`` anew.
"""

import json
from pathlib import Path

import pytest

from sandbox.toolchain import build
from tests.places import ROOT
from tests.sandbox.plugins import engine

GOLDEN = ROOT / "tests" / "cases" / "package" / "schema.json"


@pytest.mark.sandbox
def test_the_packages_schema_is_the_recorded_one(tmp_path: Path) -> None:
    project = engine.make(tmp_path, build.ensure(print))
    shown = json.loads(project.pulumi("package", "get-schema", str(ROOT / "package")))
    recorded = json.loads(GOLDEN.read_text())
    assert shown.pop("version").count(".") == 2
    del recorded["version"]
    assert shown == recorded


def test_the_recorded_schema_describes_every_input_and_output_that_needs_words() -> None:
    component = json.loads(GOLDEN.read_text())["resources"]["eks-federation:index:Federation"]
    for part in ("inputProperties", "properties"):
        assert [name for name, each in component[part].items() if not each.get("description")] == []
    assert component["requiredInputs"] == ["members"]
