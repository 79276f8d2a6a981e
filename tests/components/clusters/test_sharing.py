"""Members that lead to one cluster are found by its address, whatever their contexts are called."""

from pathlib import Path

import pytest

from federation.api.model.members import FederationSettings, Member
from federation.components.clusters import sharing
from tests.components.kubeconfigs import ONE, TWO, kubeconfig


def messages(root: Path, *members: Member) -> list[str]:
    return [str(each) for each in sharing.faults(FederationSettings(name="atlas", members=members), root)]


def found(name: str, context: str, path: str = "config") -> Member:
    return Member(name=name, provider="kubeconfig", context=context, kubeconfig=path)


def test_it_says_which_members_and_where_they_lead(tmp_path: Path) -> None:
    kubeconfig(tmp_path / "config", {"a": TWO, "b": ONE, "c": TWO, "d": TWO})
    members = [found(name, context) for name, context in {"red": "a", "blue": "b", "green": "c", "amber": "d"}.items()]
    assert messages(tmp_path, *members) == [
        "Pulumi.dev.yaml: eks-federation:members: amber, green, red lead to the same cluster, https://two: each would "
        "write the same objects there, and removing one would delete the objects of the others; give each a cluster "
        "of its own, or remove all but one; if they have objects there already, this deletes the objects: run "
        "`pulumi up --refresh` afterwards to create them again"
    ]


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        (ONE, TWO, False),
        (ONE, ONE, True),
        (ONE, {"server": "https://one/"}, True),
        (ONE, {**ONE, "insecure-skip-tls-verify": "true"}, True),
        (ONE, {**ONE, "proxy-url": "http://proxy"}, False),
        ({**ONE, "tls-server-name": "a"}, {**ONE, "tls-server-name": "b"}, False),
        ({**ONE, "proxy-url": "http://proxy"}, {**ONE, "proxy-url": "http://proxy"}, True),
    ],
)
def test_a_cluster_is_an_address_and_the_way_to_it(
    tmp_path: Path, first: dict[str, str], second: dict[str, str], shared: bool
) -> None:
    kubeconfig(tmp_path / "config", {"a": first})
    kubeconfig(tmp_path / "other", {"a": second})
    assert bool(messages(tmp_path, found("blue", "a"), found("green", "a", "other"))) is shared


def test_a_quarantined_member_counts_as_well(tmp_path: Path) -> None:
    kubeconfig(tmp_path / "config", {"a": ONE, "b": ONE})
    quarantined = found("green", "b").model_copy(update={"available": False})
    assert messages(tmp_path, found("blue", "a"), quarantined)


def test_unreadable_kubeconfigs_and_clusters_made_here_are_left_out(tmp_path: Path) -> None:
    made = [Member(name=name, region="us-east-1") for name in ("a", "b")]
    gone = [found("blue", "gone"), found("green", "gone", "none"), found("red", "a", "~nobody-at-all/config")]
    assert messages(tmp_path, *made, *gone) == []
