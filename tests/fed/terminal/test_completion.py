"""The shell completes stacks, members and objects, and never gets an error."""

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from fed.main import app
from tests.fed.project import CONFIG, write
from tests.plan.building import NAMESPACE, deployment, service


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, NAMESPACE + deployment() + service())
    members = {"eks-federation:members": {"paris": {"provider": "kubeconfig", "context": "p"}}}
    (tmp_path / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": {**CONFIG, **members}}))
    return tmp_path


def complete(root: Path, *words: str) -> list[str]:
    """The candidates that bash gets at the end of ``words``, the last of which is incomplete."""
    line = ["fed", *words[:-1], "--cwd", str(root), words[-1]]
    if words[-2].startswith("--"):  # an option stays beside its value
        line = ["fed", *words[:-2], "--cwd", str(root), *words[-2:]]
    environment = {
        "_FED_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(line),
        "COMP_CWORD": str(len(line) - 1),
    }
    result = CliRunner().invoke(app, [], prog_name="fed", env=environment)
    assert result.stderr == ""
    return result.stdout.split()


def test_stacks_are_those_with_a_file(root: Path) -> None:
    assert complete(root, "plan", "--stack", "") == ["dev", "prod"]
    assert complete(root, "plan", "--stack", "p") == ["prod"]


def test_members_are_those_of_the_stack_that_is_named(root: Path) -> None:
    assert complete(root, "explain", "deploy/web", "--member", "") == ["east", "west"]
    assert complete(root, "explain", "--stack", "prod", "deploy/web", "--member", "") == ["paris"]
    assert complete(root, "render", "--member", "w") == ["west"]


def test_what_can_be_lost_are_members_regions_and_each(root: Path) -> None:
    assert complete(root, "simulate", "--lose", "") == ["each", "east", "jp", "tw", "west"]
    assert complete(root, "simulate", "--lose", "east", "--lose", "t") == ["tw"]
    assert complete(root, "simulate", "--stack", "prod", "--lose", "") == ["each", "paris"]


def test_a_region_that_is_none_is_passed_over(root: Path) -> None:
    members = {"eks-federation:members": {"paris": {"region": ["fr"]}, "rome": 3, "oslo": {"region": "no"}}}
    (root / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": members}))
    assert complete(root, "simulate", "--stack", "prod", "--lose", "") == ["each", "no", "oslo", "paris", "rome"]


def test_objects_are_those_of_the_documents_with_kinds_as_they_were_begun(root: Path) -> None:
    assert complete(root, "explain", "dep") == ["deployment/web"]
    assert complete(root, "explain", "Dep") == ["Deployment/web"]
    assert complete(root, "explain", "demo/") == ["demo/deployment/web", "demo/service/web"]
    assert complete(root, "explain", "names") == ["namespace/demo"]


def test_where_something_is_wrong_there_is_nothing_and_no_error(root: Path) -> None:
    (root / "workloads" / "web.yaml").write_text("a: [")
    (root / "Pulumi.dev.yaml").write_text("config: 3")
    assert complete(root, "explain", "dep") == []
    assert complete(root, "render", "--member", "w") == []
    assert complete(root, "simulate", "--lose", "e") == []
    assert complete(Path("/"), "plan", "--stack", "p") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_each_shell_can_be_shown(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    result = CliRunner().invoke(app, ["--show-completion", shell], prog_name="fed")
    assert result.exit_code == 0
    assert "_FED_COMPLETE" in result.stdout
