"""A project of two members for tests of commands, and the `fed` command run in it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from fed.main import app
from federation.errors.fault import FederationError
from tests.plan.building import NAMESPACE, deployment

__all__ = ["Fed", "write"]

CONFIG: dict[str, Any] = {
    "eks-federation:federation": {"name": "atlas"},
    "eks-federation:members": {
        "east": {"provider": "kubeconfig", "context": "east", "region": "tw"},
        "west": {"provider": "kubeconfig", "context": "west", "region": "jp"},
    },
    "eks-federation:workloads": ["workloads"],
    "eks-federation:dns": {"provider": "none"},
}


class Fed:
    """The command in one project: ``run`` gives exit code, standard output and standard error."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys

    def run(self, *arguments: str, ci: str | None = None) -> tuple[int, str, str]:
        """Run ``fed`` with ``--cwd`` for this project, and with ``CI`` set to ``ci``."""
        result = CliRunner(env={"CI": ci}).invoke(app, [*arguments, "--cwd", str(self.root)])
        code, said = result.exit_code, ""
        if isinstance(result.exception, FederationError):
            code, said = result.exception.exit_code, str(result.exception)
        elif result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return code, result.stdout, result.stderr + said


def write(root: Path, text: str = NAMESPACE + deployment(), **config: Any) -> Path:
    """Write a project with stack ``dev``, whose documents are ``text``."""
    (root / "workloads").mkdir(parents=True, exist_ok=True)
    (root / "Pulumi.yaml").write_text("name: eks-federation\nruntime: python\n")
    values = {**CONFIG, **{f"eks-federation:{key}": value for key, value in config.items()}}
    (root / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": values}))
    (root / "workloads" / "web.yaml").write_text(text)
    return root
