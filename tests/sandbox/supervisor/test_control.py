from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox import control
from sandbox.errors import NotRunningError, SandboxError


def handle(request: Mapping[str, Any]) -> Any:
    if request["operation"] == "fail":
        raise SandboxError("no cluster x")
    return {"echo": request["name"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    # Deeper than a socket's path may be long.
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    return deep


def test_an_answer_comes_back_and_a_fault_as_the_same_message(folder: Path) -> None:
    server = control.serve(folder, handle)
    assert control.ask(folder, "echo", name="web") == {"echo": "web"}
    with pytest.raises(SandboxError, match=r"^no cluster x$"):
        control.ask(folder, "fail")
    server.shutdown()
    server.server_close()


def test_nobody_listening_is_said_with_the_remedy(folder: Path) -> None:
    with pytest.raises(NotRunningError, match="fed sandbox up"):
        control.ask(folder, "status")
    control.serve(folder, handle).server_close()
    with pytest.raises(NotRunningError):
        control.ask(folder / "gone", "status")
