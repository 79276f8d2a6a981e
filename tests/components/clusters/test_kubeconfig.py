"""Members that exist already are found by a context of a kubeconfig."""

import base64
import json
import os
import re
from pathlib import Path

import pytest
import yaml

from federation.components.clusters import kubeconfig
from federation.errors.fault import FaultsFoundError

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


SECOND = (
    "contexts: [{name: here, context: {cluster: other}}]\n"
    "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:2', certificate-authority: ca.pem}}]\n"
    "users: [{name: u, user: {tokenFile: token}}]\n"
)
CONTEXT = "contexts: [{name: here, context: {cluster: c, user: u}}]\n"
CLUSTER = "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:2'}}]\n"
FAULTS = {
    "contexts: [\n": r":2:1: ",
    "- hunter2\n": r": must be a mapping, and is a list; write keys and values",
    "a: \x00hunter2\n": r":1:4: a character that YAML does not allow",
    "contexts: [{name: here, context: hunter2}]\n": r":1: contexts\[0\]\.context: must be a mapping, and is text",
    "contexts: [{name: here}]\n": r":1: contexts\[0\]\.context\.cluster: this context names no cluster; write the name",
    CONTEXT: r":1: contexts\[0\]\.context\.cluster: the cluster that this context names is in none .*config",
    CONTEXT + "clusters: hunter2\n": r":1: contexts\[0\]\.context\.cluster: the cluster that this context names",
    CONTEXT + CLUSTER: r":1: contexts\[0\]\.context\.user: the user that this context names is in none of the files",
    CONTEXT + "clusters: [{name: c}]\nusers: [{name: u}]\n": r":2: clusters\[0\]\.cluster\.server: this cluster has no",
    CONTEXT + "clusters: [{name: c, cluster: {server: 'https://me:hunter2@127.0.0.1:2'}}]\nusers: [{name: u}]\n": (
        r":2: clusters\[0\]\.cluster\.server: this address holds a user's name or password, which outputs would show; "
    ),
    CONTEXT + CLUSTER + "users: [{name: u, user: hunter2}]\n": r":3: users\[0\]\.user: must be a mapping, and is text",
    CONTEXT + CLUSTER + "users: [{name: u, user: {client-key: hunter2}}]\n": (
        r":3: users\[0\]\.user\.client-key: the file named here cannot be read: No such file or directory; correct"
    ),
    CONTEXT
    + CLUSTER
    + 'users: [{name: u, user: {client-key: "hunter2\\0"}}]\n': r"cannot be read: this is not a file name",
    CONTEXT + CLUSTER + "users: [{name: u, user: {client-key: [hunter2]}}]\n": r"must be a file's name, and is a list",
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


def test_the_searched_files_are_named_by_their_whole_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", "a/config:/b/config")
    with pytest.raises(FaultsFoundError, match=f"^{tmp_path}/a/config, /b/config: contexts\\.nowhere: no such context"):
        kubeconfig.single_context("nowhere")
    with pytest.raises(FaultsFoundError, match=f"^{tmp_path}/c: contexts\\.nowhere: no such context"):
        kubeconfig.single_context("nowhere", "c")


def test_the_path_comes_from_the_environment_when_none_is_given(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", f"/nonexistent:{path}")
    assert json.loads(kubeconfig.single_context("here"))["current-context"] == "here"


def test_what_one_file_names_is_found_in_another_and_the_first_that_has_a_name_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {"a/config": CONTEXT, "b/config": SECOND, "b/ca.pem": "CA"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/a/config:{tmp_path}/b/config")
    found = json.loads(kubeconfig.single_context("here"))
    assert found["contexts"][0]["context"] == {"cluster": "here", "user": "here"}
    authority = base64.b64encode(b"CA").decode()
    cluster = {"server": "https://127.0.0.1:2", "certificate-authority-data": authority}
    assert found["clusters"][0]["cluster"] == cluster
    assert found["users"][0]["user"] == {"tokenFile": f"{tmp_path}/b/token"}


def test_what_stands_in_the_kubeconfig_itself_goes_before_a_file(path: Path) -> None:
    tree = {**TREE, "users": [{"name": "u", "user": {"client-key": "gone", "client-key-data": "S0VZ"}}]}
    path.write_text(yaml.safe_dump(tree))
    assert json.loads(kubeconfig.single_context("here", str(path)))["users"][0]["user"] == {"client-key-data": "S0VZ"}


@pytest.mark.parametrize(
    ("command", "called"),
    {
        "./bin/login": "{folder}/bin/login",
        "bin/login": "{folder}/bin/login",
        "../login": "{folder}/../login",
        "/bin/login": "/bin/login",
        "aws": "aws",
        "": "",
    }.items(),
)
def test_a_login_command_with_a_folder_stands_beside_the_kubeconfig_and_others_on_path(
    path: Path, command: str, called: str
) -> None:
    path.write_text(yaml.safe_dump({**TREE, "users": [{"name": "u", "user": {"exec": {"command": command, "a": 1}}}]}))
    user = json.loads(kubeconfig.single_context("here", str(path)))["users"][0]["user"]
    assert user == {"exec": {"command": called.format(folder=path.parent), "a": 1}}


@pytest.mark.parametrize("login", [{"command": ["a/b"]}, {}, "a/b", None])
def test_a_login_of_another_form_is_left_as_it_is(path: Path, login: object) -> None:
    path.write_text(yaml.safe_dump({**TREE, "users": [{"name": "u", "user": {"exec": login}}]}))
    assert json.loads(kubeconfig.single_context("here", str(path)))["users"][0]["user"] == {"exec": login}


@pytest.mark.parametrize(("text", "message"), FAULTS.items())
def test_a_fault_names_its_place_and_quotes_nothing_of_the_file(path: Path, text: str, message: str) -> None:
    path.write_text(text)
    with pytest.raises(FaultsFoundError, match=f"{path}.*{message}") as raised:
        kubeconfig.single_context("here", str(path))
    assert "hunter2" not in str(raised.value)


def test_a_file_that_cannot_be_read_says_why(path: Path) -> None:
    path.write_bytes(b"\xff")
    with pytest.raises(FaultsFoundError, match=f"{path}:1:1: this byte is not UTF-8"):
        kubeconfig.single_context("here", str(path))


@pytest.mark.parametrize("written", ["~nobody-at-all/config", "~nobody-at-all", "~\0/config"])
def test_an_unknown_home_folder_is_named_as_it_was_written(written: str) -> None:
    home = re.escape(written.partition("/")[0])
    shown = re.escape(written.replace("\0", r"\x00"))
    with pytest.raises(FaultsFoundError, match=f"^{shown}: no home folder is known of {home}; write the"):
        kubeconfig.single_context("here", written)


def test_so_is_the_home_of_a_user_who_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)
    with pytest.raises(FaultsFoundError, match=r"^~/\.kube/config: no home folder is known of ~; write .* or set HOME"):
        kubeconfig.single_context("here")
