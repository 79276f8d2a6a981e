from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox import project_copy


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: demo\nruntime: {name: python, options: {virtualenv: .venv}}\n")
    (folder / "Pulumi.dev.yaml").write_text("# why\nconfig:\n  demo:a: 1\n  demo:b: 2\n")
    return folder


@pytest.fixture
def copy(tmp_path: Path, source: Path) -> Path:
    folder = tmp_path / "copy"
    assert project_copy.refresh(source, folder) == []
    return folder


def settings(copy: Path, stack: str = "dev") -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((copy / f"Pulumi.{stack}.yaml").read_text())
    return document


def write(folder: Path, document: dict[str, Any]) -> None:
    (folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump(document))


def test_the_copy_leads_back_to_the_checkout(source: Path, copy: Path) -> None:
    project = yaml.safe_load((copy / "Pulumi.yaml").read_text())
    assert project["main"] == str(source)
    assert project["runtime"]["options"]["virtualenv"] == str(source / ".venv")


def test_settings_that_nothing_was_added_to_are_the_same_bytes(source: Path, copy: Path) -> None:
    assert (copy / "Pulumi.dev.yaml").read_bytes() == (source / "Pulumi.dev.yaml").read_bytes()


def test_the_salt_stays_when_the_checkout_changes(source: Path, copy: Path) -> None:
    write(copy, {"encryptionsalt": "v1:abc", **settings(copy)})
    write(source, {"config": {"demo:a": 5, "demo:c": 3}})
    project_copy.refresh(source, copy)
    assert settings(copy) == {"encryptionsalt": "v1:abc", "config": {"demo:a": 5, "demo:c": 3}}
    assert "encryptionsalt" not in (source / "Pulumi.dev.yaml").read_text()


def test_what_was_set_in_the_sandbox_stays_until_the_checkout_changes_it(source: Path, copy: Path) -> None:
    secret = {"secure": "v1:xyz"}
    write(copy, {"config": {"demo:a": 10, "demo:b": 20, "demo:pw": secret}})
    write(source, {"config": {"demo:a": 1, "demo:b": 3}})
    project_copy.refresh(source, copy)
    assert settings(copy)["config"] == {"demo:a": 10, "demo:b": 3, "demo:pw": secret}


def test_what_is_encrypted_for_a_real_account_is_left_out_and_named(source: Path, copy: Path) -> None:
    real = {"secretsprovider": "awskms://alias/real", "encryptedkey": "AQIC"}
    write(source, {**real, "config": {"demo:a": 1, "demo:pw": {"secure": "AAAB"}}})
    notes = project_copy.refresh(source, copy)
    assert settings(copy) == {"config": {"demo:a": 1}}
    assert notes == ["Pulumi.dev.yaml: demo:pw is encrypted for another secrets provider and left out"]


def test_a_stack_that_pulumi_removed_comes_back_from_the_checkout(source: Path, copy: Path) -> None:
    (copy / "Pulumi.dev.yaml").unlink()
    project_copy.refresh(source, copy)
    assert settings(copy) == {"config": {"demo:a": 1, "demo:b": 2}}


def test_an_unchanged_project_is_not_written_again(source: Path, copy: Path) -> None:
    before = (copy / "Pulumi.dev.yaml").stat().st_mtime_ns
    project_copy.refresh(source, copy)
    assert (copy / "Pulumi.dev.yaml").stat().st_mtime_ns == before
