"""Lines recorded while reading equal those found by composing the text again."""

from pathlib import Path

import pytest

from federation.api.reading import yaml_trees
from tests.places import ROOT

FILES = sorted([*(ROOT / "stacks").rglob("*.yaml"), *(ROOT / "tests" / "cases").rglob("*.yaml")])


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_line_that_is_known_at_once_is_right(file: Path) -> None:
    texts = yaml_trees.documents_of(file.read_text())
    readings = [reading for text, first in texts for reading in yaml_trees.build(text, first)]
    assert readings
    for reading in readings:
        assert isinstance(reading.lines, yaml_trees.Lines)
        recorded = dict(reading.lines._near)
        assert recorded
        assert recorded.items() <= dict(reading.lines).items()


def test_a_template_has_its_lines_when_they_are_read() -> None:
    (reading,) = yaml_trees.build("spec:\n  template:\n    spec: {a: 1}\n  overrides:\n  - b: 1\n  - b: 2\n", 10)
    assert isinstance(reading.lines, yaml_trees.Lines)
    assert ("spec", "template", "spec") not in reading.lines._near
    assert reading.lines["spec", "template", "spec"] == 12
    assert reading.lines["spec", "overrides", 1, "b"] == 15


def test_the_line_of_a_key_given_twice_by_a_merge_is_the_nearer_one() -> None:
    (reading,) = yaml_trees.build("base: &base\n  a: 1\nspec:\n  a: 2\n  <<: *base\n", 1)
    assert reading.lines["spec", "a"] == 4
