"""``fed explain`` shows why a member has its number of replicas."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from federation.operations.engine import outputs
from federation.plan.model.observed import Observed
from tests.fed.project import Fed, write
from tests.plan.building import NAMESPACE, TALK, THE_TALK, deployment, document

SECRET = document(
    "FederatedSecret",
    "s",
    "{template: {stringData: {p: 'PLANTED'}}, placement: {clusterSelector: {}}, overrides: [{clusterName: us-east, "
    "clusterOverrides: [{path: /stringData/p, value: PLANTED too}]}]}",
)
MEMBERS: dict[str, dict[str, Any]] = {
    name: {"kubernetesVersion": "1.34", **{key: each[key] for key in ("region", "labels")}}
    for name, each in THE_TALK.items()
}
CONFIG: dict[str, Any] = {
    "federation": {"name": "atlas", "zone": "fed.test"},
    "dns": {"healthChecks": False},
    "members": MEMBERS,
}


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fed:
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed())
    return Fed(write(tmp_path, TALK + SECRET, **CONFIG), capsys)


def test_why_us_west_has_6(fed: Fed) -> None:
    code, out, _ = fed.run("explain", "deploy/web", "--member", "us-west")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("Deployment demo/web (workloads/web.yaml:")
    assert lines[1] == "15 replicas in all: ap-northeast 3, us-east 6, us-west 6"
    start = lines.index("us-west: 6 replicas")
    assert [line.partition(" (")[0] for line in lines[start + 1 : start + 4]] == [
        "  placed by ReplicaSchedulingPreference demo/web",
        "  namespace demo goes there: selected by placement.clusterSelector",
        '  preference "*"',
    ]
    assert lines[start + 4] == "  round 1: weight 2 of 5 -> ceil(14*2/5) = 6 -> 6"
    assert "  ap-northeast: minimum 1 of 15 -> 1" in lines
    assert "  us-east: round 1: weight 2 of 5 -> ceil(14*2/5) = 6 -> 6" in lines
    assert any("[us-west, weight 6] -> load balancer of demo/web in us-west" in line for line in lines)


def test_with_us_east_lost_it_says_why_us_west_has_12(fed: Fed) -> None:
    members = {**MEMBERS, "us-east": {**MEMBERS["us-east"], "available": False}}
    write(fed.root, TALK, **{**CONFIG, "members": members})
    code, out, _ = fed.run("explain", "demo/Deployment/web")
    assert code == 0
    assert "15 replicas in all: ap-northeast 3, us-east 0, us-west 12" in out
    assert "  round 2: weight 2 of 2 -> ceil(2*2/2) = 2 -> 12" in out
    assert "  round 1: weight 1 of 3 -> ceil(14*1/3) = 5, 4 left, 5 is over the maximum 3 -> 3" in out
    assert "us-east: gets nothing\n" in out
    assert "not available: quarantined, its objects stay as they are" in out


@pytest.mark.parametrize("output", ["table", "json", "yaml"])
def test_secret_values_are_not_printed(fed: Fed, output: str) -> None:
    code, out, err = fed.run("explain", "secret/s", "--output", output)
    assert code == 0
    assert "/stringData/p" in out
    assert "[secret]" in out
    assert "PLANTED" not in out + err


def test_as_a_tree_it_is_the_same_in_both_formats(fed: Fed) -> None:
    tree = json.loads(fed.run("explain", "deploy/web", "-m", "us-west", "-o", "json")[1])
    assert tree == yaml.safe_load(fed.run("explain", "deploy/web", "-m", "us-west", "-o", "yaml")[1])
    assert [each["member"] for each in tree["members"]] == ["us-west"]
    assert tree["replicas"] == {"ap-northeast": 3, "us-east": 6, "us-west": 6}
    assert sorted(tree["division"]) == ["ap-northeast", "us-east", "us-west"]


def test_an_override_shows_what_it_changed_and_where_it_is_written(fed: Fed) -> None:
    changed = (
        "placement: {clusterSelector: {}}, overrides: [{clusterName: us-east, clusterOverrides: "
        "[{path: /spec/replicas, value: 5}]}]"
    )
    write(fed.root, NAMESPACE + deployment(spec=changed), **CONFIG)
    _, out, _ = fed.run("explain", "deploy/web", "-m", "us-east")
    assert "us-east: 5 replicas" in out
    assert "override replace /spec/replicas (workloads/web.yaml:10): 2 -> 5" in out


def test_a_name_of_another_stack_is_reported(fed: Fed) -> None:
    write(fed.root, NAMESPACE + deployment(spec="placement: {clusters: [{name: us-east}, {name: eu}]}"), **CONFIG)
    other = {"config": {"eks-federation:members": {"eu": {"region": "eu-central-1"}}}}
    (fed.root / "Pulumi.prod.yaml").write_text(yaml.safe_dump(other))
    code, out, _ = fed.run("explain", "deploy/web")
    assert code == 0
    assert "eu is named in the document, but is not in this stack" in out


def test_a_label_of_another_stacks_member_is_reported(fed: Fed) -> None:
    write(fed.root, NAMESPACE + deployment(spec="placement: {clusterSelector: {matchLabels: {geo: eu}}}"), **CONFIG)
    other = {"config": {"eks-federation:members": {"eu": {"region": "eu-central-1", "labels": {"geo": "eu"}}}}}
    (fed.root / "Pulumi.prod.yaml").write_text(yaml.safe_dump(other))
    code, out, err = fed.run("explain", "deploy/web")
    assert code == 0
    assert "its selector matches eu of stack prod, but no member of this stack" in out
    assert "its labels do not match placement.clusterSelector (workloads/web.yaml:10)" in out
    assert "goes to no member" not in err
    _, _, err = fed.run("plan")
    assert "Deployment demo/web has a selector that matches eu of stack prod, and no member of stack dev" in err


def test_a_document_without_members_is_explained(fed: Fed) -> None:
    write(fed.root, NAMESPACE + deployment(spec="retainReplicas: false"), **CONFIG)
    code, out, err = fed.run("explain", "deploy/web")
    assert code == 0
    assert "no placement.clusters and no placement.clusterSelector" in out
    assert "Deployment demo/web has no placement, so it goes to no member" in err


def test_an_override_that_matches_no_member_is_reported_with_its_document(fed: Fed) -> None:
    spec = (
        "placement: {clusterSelector: {}}, overrides: "
        "[{clusterSelector: {matchLabels: {goe: us}}, clusterOverrides: [{path: /spec/replicas, value: 5}]}]"
    )
    write(fed.root, NAMESPACE + deployment("api", spec=spec), **CONFIG)
    code, _, err = fed.run("explain", "deploy/api")
    assert code == 0
    assert "so this override of Deployment demo/api applies to no member" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["deploy/wob"], "there is no deploy/wob; did you mean demo/Deployment/web?"),
        (["deploy/web", "--member", "us-wst"], 'did you mean "us-west"?'),
        (["deploy/web", "--namespace", "shop"], "there is no shop/deploy/web"),
        (["web"], "is not KIND/NAME"),
    ],
)
def test_what_is_not_there_is_exit_code_2_with_near_names(fed: Fed, arguments: list[str], said: str) -> None:
    code, out, err = fed.run("explain", *arguments)
    assert (code, out) == (2, "")
    assert said in err
