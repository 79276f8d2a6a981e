"""Members that exist already are found by a context of a kubeconfig."""

import base64
import json
from pathlib import Path

import pytest
import yaml

from federation.components import kubeconfig
from federation.errors import FaultsFoundError

TREE = {
    "contexts": [
        {"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "n"}},
        {"name": "there", "context": {"cluster": "d", "user": "u"}},
    ],
    "clusters": [
        {"name": "c", "cluster": {"server": "https://127.0.0.1:1", "certificate-authority": "ca.pem"}},
        {"name": "d", "cluster": {"server": "https://127.0.0.1:2"}},
    ],
    "users": [{"name": "u", "user": {"token": "t"}}],
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "ca.pem").write_text("CA")
    made = tmp_path / "config"
    made.write_text(yaml.safe_dump(TREE))
    return made


def test_one_context_is_taken_with_its_cluster_and_user_and_files_are_embedded(path: Path) -> None:
    found = json.loads(kubeconfig.single_context("here", str(path)))
    assert [each["name"] for each in found["clusters"]] == ["here"]
    assert found["clusters"][0]["cluster"]["certificate-authority-data"] == base64.b64encode(b"CA").decode()
    assert found["contexts"][0]["context"] == {"cluster": "here", "user": "here", "namespace": "n"}
    assert found["users"][0]["user"] == {"token": "t"}


def test_a_cluster_is_known_by_its_address(path: Path) -> None:
    assert kubeconfig.identifier(kubeconfig.single_context("there", str(path))) == "https://127.0.0.1:2"


def test_an_unknown_context_says_where_it_was_looked_for(path: Path) -> None:
    with pytest.raises(FaultsFoundError, match=r"config: contexts\.nowhere: no such context; name one"):
        kubeconfig.single_context("nowhere", str(path))


def test_the_path_comes_from_the_environment_when_none_is_given(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", f"/nonexistent:{path}")
    assert json.loads(kubeconfig.single_context("here"))["current-context"] == "here"
