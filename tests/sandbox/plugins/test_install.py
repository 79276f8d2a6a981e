"""The engine finds every plugin in its folder."""

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from sandbox.plugins import install
from sandbox.toolchain import catalog
from sandbox.toolchain.tools import Toolchain
from tests.sandbox.plugins import engine


@pytest.fixture
def programs(tmp_path: Path) -> Toolchain:
    """A toolchain whose files do not exist, in a folder with spaces."""
    names = [each.name for each in fields(Toolchain)]
    return Toolchain(**{name: tmp_path / "a folder" / name for name in names})


def test_every_provider_lies_where_the_engine_looks_for_the_installed_sdks_version(
    tmp_path: Path, programs: Toolchain
) -> None:
    install.install(tmp_path / "home", tmp_path / "bin", Path(sys.executable), programs)
    for name in install.STAND_INS:
        version = install.sdk_version(name)
        wrapper = tmp_path / "home" / "plugins" / f"resource-{name}-v{version}" / f"pulumi-resource-{name}"
        assert os.access(wrapper, os.X_OK)
        assert f"sandbox.plugins.{name}" in wrapper.read_text()


def test_the_kubernetes_provider_is_the_program_that_the_toolchain_built(tmp_path: Path, programs: Toolchain) -> None:
    install.install(tmp_path / "home", tmp_path / "bin", Path(sys.executable), programs)
    folder = tmp_path / "home" / "plugins" / f"resource-kubernetes-v{install.sdk_version('kubernetes')}"
    link = folder / "pulumi-resource-kubernetes"
    assert link.readlink() == programs.kubernetes_provider


def test_the_provider_reports_the_version_that_the_sdk_asks_for() -> None:
    assert catalog.PROVIDER_VERSION.partition("+")[0] == install.sdk_version("kubernetes")


def test_a_second_installation_changes_nothing(tmp_path: Path, programs: Toolchain) -> None:
    def installed() -> dict[str, str]:
        install.install(tmp_path / "home", tmp_path / "bin", Path(sys.executable), programs)
        found = [path for path in tmp_path.rglob("*") if path.is_file() or path.is_symlink()]
        return {str(path): str(path.readlink()) if path.is_symlink() else path.read_text() for path in found}

    assert installed() == installed()


def test_the_language_host_is_told_its_script_and_starts_in_a_folder_with_spaces(
    tmp_path: Path, programs: Toolchain
) -> None:
    install.install(tmp_path / "home", tmp_path / "b in", Path(sys.executable), programs)
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


@pytest.mark.sandbox
def test_the_engine_keeps_no_debug_log(tmp_path: Path, toolchain: Toolchain) -> None:
    project = engine.make(tmp_path, toolchain)
    assert "dev" in project.pulumi("stack", "ls")
    assert (tmp_path / "home" / "logs").read_bytes() == b""


def test_an_sdk_that_is_not_installed_is_named() -> None:
    with pytest.raises(install.MissingSdkError, match="pulumi_nothing is not installed"):
        install.sdk_version("nothing")
