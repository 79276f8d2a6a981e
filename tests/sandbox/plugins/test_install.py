"""The wrappers that the engine finds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.plugins import install


def test_every_provider_lies_where_the_engine_looks_for_the_installed_sdks_version(tmp_path: Path) -> None:
    install.install(tmp_path / "home", tmp_path / "bin", Path(sys.executable), Path("/exec"))
    for name in install.PROVIDERS:
        version = install.sdk_version(name)
        wrapper = tmp_path / "home" / "plugins" / f"resource-{name}-v{version}" / f"pulumi-resource-{name}"
        assert os.access(wrapper, os.X_OK)
        assert f"sandbox.plugins.{name}" in wrapper.read_text()


def test_a_second_installation_changes_nothing(tmp_path: Path) -> None:
    def wrappers() -> dict[str, str]:
        install.install(tmp_path / "home", tmp_path / "bin", Path(sys.executable), Path("/exec"))
        return {str(path): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}

    assert wrappers() == wrappers()


def test_the_language_host_is_told_its_script_and_starts_in_a_folder_with_spaces(tmp_path: Path) -> None:
    script = tmp_path / "a folder" / "exec"
    install.install(tmp_path / "home", tmp_path / "b in", Path(sys.executable), script)
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "__init__.py").write_text("raise RuntimeError('the wrong sandbox')")
    started = subprocess.Popen(
        [tmp_path / "b in" / "pulumi-language-python"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with started:
        assert started.stdout is not None
        assert int(started.stdout.readline()) > 0


def test_an_sdk_that_is_not_installed_is_named() -> None:
    with pytest.raises(install.MissingSdkError, match="pulumi_nothing is not installed"):
        install.sdk_version("nothing")
