"""A member's identity follows from its config, and changes exactly when all its objects would be replaced."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from federation.api.model.members import FederationSettings, Member
from federation.api.reading import loading
from federation.components.clusters import identity
from federation.components.clusters import kubeconfig as kubeconfigs
from federation.errors.source import Source

EKS: dict[str, Any] = {"name": "us-east", "region": "us-east-1"}


def of(name: str = "atlas", root: Path = Path(), **member: Any) -> str | None:
    joined = FederationSettings(name=name, members=(Member.model_validate({**EKS, **member}),))
    return identity.identify_clusters(joined, root).get("us-east")


@pytest.mark.parametrize(
    "member",
    [{"nodes": {"desired": 3}}, {"kubernetesVersion": "1.33"}, {"available": False}, {"network": {"nat": "none"}}],
)
def test_what_changes_in_place_is_no_other_eks_cluster(member: dict[str, Any]) -> None:
    assert of(**member) == of() == "eks us-east-1 10.0.0.0/16 atlas-dev-us-east"


@pytest.mark.parametrize(
    "change", [{"region": "us-east-2"}, {"network": {"cidr": "10.1.0.0/16"}}, {"name": "globe"}], ids=str
)
def test_another_region_range_or_name_is_another_eks_cluster(change: dict[str, Any]) -> None:
    assert of(**change) != of()


def kubeconfig(path: Path, server: str, user: str = "me") -> str:
    clusters = [{"name": "c", "cluster": {"server": server}}]
    users = [{"name": "u", "user": {"username": user}}]
    contexts = [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("here", "renamed")]
    path.write_text(yaml.safe_dump({"clusters": clusters, "users": users, "contexts": contexts}))
    return str(path)


def found_by(context: str, path: str) -> str | None:
    return of(provider="kubeconfig", context=context, kubeconfig=path)


def test_a_found_cluster_is_its_address_whatever_else_of_the_kubeconfig_is_edited(tmp_path: Path) -> None:
    first = kubeconfig(tmp_path / "config", "https://one")
    edited = kubeconfig(tmp_path / "edited", "https://one", user="other")
    assert found_by("here", first) == found_by("renamed", edited) == "https://one"
    assert found_by("here", kubeconfig(tmp_path / "config", "https://two")) == "https://two"


@pytest.mark.parametrize("text", ["", "[]", "{contexts: 1}", "{", "contexts: [{name: here, context: {cluster: c}}]"])
def test_of_a_kubeconfig_that_cannot_be_read_nothing_is_known(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_text(text)
    assert found_by("here", str(tmp_path / "config")) is None
    assert found_by("here", str(tmp_path / "none")) is None
    assert found_by("here", "~nobody-at-all/config") is None


def test_a_kubeconfig_is_found_from_the_folder_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubeconfig(tmp_path / "config", "https://one")
    assert of(provider="kubeconfig", context="here", kubeconfig="config", root=tmp_path) == "https://one"
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    assert found_by("here", "") == "https://one"


@pytest.mark.parametrize("named", ["config", "none:config", "./config:/nonexistent"])
def test_so_are_those_that_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    root, elsewhere = tmp_path / "project", tmp_path / "project" / "workloads"
    elsewhere.mkdir(parents=True)
    kubeconfig(root / "config", "https://one")
    kubeconfig(elsewhere / "config", "https://two")
    monkeypatch.setenv("KUBECONFIG", named)
    monkeypatch.chdir(elsewhere)
    assert of(provider="kubeconfig", context="here", root=root) == "https://one"
    assert of(provider="kubeconfig", context="here", root=Path("..")) == "https://one"
    monkeypatch.chdir(root)
    assert of(provider="kubeconfig", context="here") == "https://one"


def test_it_is_what_the_engine_tells_clusters_apart_by(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "config", "https://one")
    assert found_by("here", path) == kubeconfigs.identifier(kubeconfigs.single_context("here", path))


def test_members_are_reached_by_what_their_kubeconfigs_say_now(tmp_path: Path) -> None:
    kubeconfig(tmp_path / "config", "https://two", user="rotated")
    here = {"provider": "kubeconfig", "context": "here", "kubeconfig": "config"}
    members = {"made": EKS, "found": here, "lost": {**here, "context": "none"}, "new": here}
    joined = tuple(Member.model_validate({**each, "name": name}) for name, each in members.items())
    before = dict.fromkeys(("made", "found", "lost", "gone"), "old")
    reached = identity.present_kubeconfigs(FederationSettings(name="atlas", members=joined), tmp_path, before)
    assert reached == {"made": "old", "found": kubeconfigs.single_context("here", str(tmp_path / "config"))}
    assert "rotated" in reached["found"]


def test_one_file_is_read_once_for_all_of_its_members_while_it_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kubeconfig(tmp_path / "config", "https://one")
    found = {"provider": "kubeconfig", "context": "here", "kubeconfig": path}
    members = tuple(Member.model_validate({"name": name, **found}) for name in ("a", "b"))
    parsed: list[Path] = []

    def read_mapping(file: Path) -> tuple[Any, Source]:
        parsed.append(file)
        return loading.read_mapping(file)

    monkeypatch.setattr("federation.components.clusters.kubeconfig.read_mapping", read_mapping)
    assert identity.identify_clusters(FederationSettings(name="atlas", members=members), tmp_path) == {
        "a": "https://one",
        "b": "https://one",
    }
    assert parsed == [Path(path)]
    kubeconfig(tmp_path / "config", "https://two")
    assert identity.identify_clusters(FederationSettings(name="atlas", members=members), tmp_path) == {
        "a": "https://two",
        "b": "https://two",
    }
    assert parsed == [Path(path)] * 2
