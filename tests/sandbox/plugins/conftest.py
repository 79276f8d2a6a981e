"""Fixtures of the stand-ins' tests."""

from pathlib import Path

import pytest

from sandbox.toolchain.tools import Toolchain
from tests.sandbox.plugins import engine
from tests.sandbox.plugins.engine import Project


@pytest.fixture
def project(tmp_path: Path, toolchain: Toolchain) -> Project:
    """An empty Pulumi project with a stack."""
    return engine.make(tmp_path, toolchain)
