"""Settings of all tests: property tests have no deadline, and in CI the same examples every time.

Tests of the sandbox come first. They take longest, and a worker that begins one of them last keeps all others waiting.
Tests marked `soak` take a minute or more each, and run with `--soak` only: `make soak`.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.examples import examples

settings.register_profile(
    "here", deadline=None, max_examples=examples(100, 30), suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", parent=settings.get_profile("here"), derandomize=True, print_blob=True)
settings.register_profile("mutants", parent=settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate))
settings.load_profile("mutants" if "MUTANT_UNDER_TEST" in os.environ else "ci" if os.environ.get("CI") else "here")

TESTS = Path(__file__).parent
FIRST = (TESTS / "sandbox" / "stack", TESTS / "sandbox")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--soak`."""
    parser.addoption("--soak", action="store_true", help="run the tests that `make soak` runs, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests with an engine first, then the rest of the sandbox's; the order within a folder stays."""
    if not config.getoption("--soak"):
        soak = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=soak)
        items[:] = [item for item in items if item not in soak]
    items.sort(key=lambda item: next((turn for turn, folder in enumerate(FIRST) if folder in item.path.parents), 9))
