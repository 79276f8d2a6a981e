from pathlib import Path

import pytest

from sandbox import place
from sandbox.errors import SandboxError


@pytest.fixture(autouse=True)
def no_own_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(place.VARIABLE, raising=False)


def test_a_sandbox_is_beside_the_nearest_project(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").touch()
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert place.find(tmp_path / "a" / "b").folder == tmp_path / ".sandbox"


def test_an_example_in_the_checkout_shares_its_sandbox() -> None:
    assert place.find(place.CHECKOUT / "sandbox").folder == place.CHECKOUT / ".sandbox"


def test_without_a_project_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=place.VARIABLE):
        place.find(tmp_path)


def test_the_variable_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(place.VARIABLE, str(tmp_path / "own"))
    assert place.find(tmp_path).folder == tmp_path / "own"
