"""During a destruction the program releases orphans only, and no other run does so."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pulumi
import pytest

from federation.components.kubernetes import orphans
from federation.operations import destroy_program
from stacks import program
from tests.components.mocks import HELD_STATE, KUBECONFIG, Recorder, run
from tests.fed.project import write

pytestmark = pytest.mark.mocks

TOKEN = "0123"


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> list[orphans.Kubeconfigs]:
    """The hooks for orphans that are registered: each by how it finds the kubeconfig of a member."""
    found: list[orphans.Kubeconfigs] = []
    monkeypatch.setattr(orphans, "release_hook", found.append)
    return found


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A project in which neither config nor documents can be used."""
    root = write(tmp_path, "kind: [", members=[])
    (root / "Pulumi.dev.yaml").write_text("config: [1\n")
    return root


def ran(root: Path, config: dict[str, str]) -> Recorder:
    pulumi.runtime.set_all_config({f"eks-federation:{key}": value for key, value in config.items()})
    try:
        return run(lambda: program.run(root), preview=False, state=HELD_STATE)
    finally:
        pulumi.runtime.set_all_config({})


def test_the_hook_is_registered_and_nothing_else_whatever_is_broken(
    broken: Path, hooks: list[orphans.Kubeconfigs], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(destroy_program.VARIABLE, TOKEN)
    recorder = ran(broken, {destroy_program.KEY: TOKEN})
    assert recorder.registered == []
    (kubeconfigs,) = hooks

    async def asked() -> list[str]:
        return [await kubeconfigs(member) for member in ("us-east", "unknown")]

    assert asyncio.run(asked()) == [KUBECONFIG, ""]


@pytest.mark.parametrize(
    ("variable", "config"),
    [
        ("", {destroy_program.KEY: TOKEN}),
        (TOKEN, {}),
        (TOKEN, {destroy_program.KEY: "4567"}),
        ("", {destroy_program.KEY: ""}),
    ],
    ids=["only the config", "only the environment", "two tokens", "empty ones"],
)
def test_half_of_it_left_behind_never_has_an_update_register_nothing(
    broken: Path,
    hooks: list[orphans.Kubeconfigs],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    config: dict[str, str],
) -> None:
    monkeypatch.setenv(destroy_program.VARIABLE, variable)
    with pytest.raises(pulumi.RunError, match=r"Pulumi\.dev\.yaml"):
        ran(broken, config)
    assert hooks == []


def file_of(root: Path) -> dict[str, Any]:
    with destroy_program.prepare_destroy_run(root, "dev") as leave:
        option, path = leave.options
        assert option == "--config-file"
        found: dict[str, Any] = json.loads(Path(path).read_text())
        assert found.pop("config") == {"eks-federation:leaving": leave.environment[destroy_program.VARIABLE]}
    assert not Path(path).exists()
    return found


def test_the_config_of_the_run_has_all_of_the_stacks_but_its_config(tmp_path: Path) -> None:
    root = write(tmp_path)
    assert file_of(root) == {}
    path = root / "Pulumi.dev.yaml"
    path.write_text(f"secretsprovider: awskms://alias/x\nencryptedkey: QUJD\nenvironment: [aws]\n{path.read_text()}")
    assert file_of(root) == {"secretsprovider": "awskms://alias/x", "encryptedkey": "QUJD", "environment": ["aws"]}


def test_of_a_file_that_is_no_yaml_the_secrets_settings_are_kept(tmp_path: Path) -> None:
    root = write(tmp_path)
    text = "secretsprovider: 'awskms://alias/x'\nencryptedkey: QUJD\nconfig:\n  a: [1\n  encryptionsalt: no\n"
    (root / "Pulumi.dev.yaml").write_text(text)
    assert file_of(root) == {"secretsprovider": "awskms://alias/x", "encryptedkey": "QUJD"}


def test_every_run_has_a_token_of_its_own(tmp_path: Path) -> None:
    root = write(tmp_path)
    with (
        destroy_program.prepare_destroy_run(root, "dev") as one,
        destroy_program.prepare_destroy_run(root, "dev") as other,
    ):
        assert one.environment != other.environment
