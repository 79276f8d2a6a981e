"""``fed diff`` compares plan files, folders and revisions, and its exit code says whether they differ."""

import json
import subprocess
from pathlib import Path

import pytest

from federation.operations.engine import outputs
from federation.operations.project import observed_state
from federation.plan.model.observed import Observed
from federation.plan.replicas.observed_replicas import ObservedReplicas
from tests.fed.project import Fed, write
from tests.plan.building import NAMESPACE, deployment, document, preference

SECRET = document("FederatedSecret", "s", "{template: {stringData: {p: 'PLANTED'}}, placement: {clusterSelector: {}}}")


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fed:
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed())
    return Fed(write(tmp_path / "project"), capsys)


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-m", "x")


def test_edits_since_a_revision_are_listed_by_field(fed: Fed) -> None:
    git(fed.root.parent, "init")
    commit(fed.root.parent)
    assert fed.run("diff", "HEAD", ".") == (0, "", "no difference\n")
    write(fed.root, NAMESPACE + deployment(replicas=7))
    code, out, _ = fed.run("diff", "HEAD", ".")
    assert code == 1
    assert "east/demo/Deployment/web  changed  spec.replicas  2       7" in out
    assert "2 -> 7" in out
    commit(fed.root.parent)
    code, out, _ = fed.run("diff", "HEAD~1", "HEAD", "--output", "json")
    (east, west) = json.loads(out)["objects"]
    assert code == 1
    assert east["fields"] == [{"path": "spec.replicas", "before": 2, "after": 7}]
    assert (east["replicas"], west["name"]) == ({"before": 2, "after": 7}, "west/demo/Deployment/web")


def test_a_plan_file_and_a_rendered_folder_of_one_plan_are_the_same(fed: Fed) -> None:
    write(fed.root, NAMESPACE + deployment() + SECRET)
    (fed.root / "plan.json").write_text(fed.run("plan", "--output", "json")[1])
    (fed.root / "plan.yaml").write_text(fed.run("plan", "--output", "yaml")[1])
    assert fed.run("render", "--out", str(fed.root / "out"))[0] == 0
    assert fed.run("diff", "plan.json", "plan.yaml")[0] == 0
    assert fed.run("diff", "plan.json", "out")[0] == 0
    code, out, err = fed.run("diff", "out", ".")
    assert (code, out) == (0, "")
    assert "Secrets that only one side has are not compared" in err


def test_secret_values_are_never_printed(fed: Fed) -> None:
    write(fed.root, NAMESPACE + SECRET)
    assert fed.run("render", "--out", str(fed.root / "one"), "--with-secrets")[0] == 0
    write(fed.root, NAMESPACE + SECRET.replace("p: 'PLANTED'", "q: 'PLANTED-TOO'"))
    assert fed.run("render", "--out", str(fed.root / "two"), "--with-secrets")[0] == 0
    code, out, err = fed.run("diff", "one", "two")
    assert code == 1
    assert "stringData.q" in out
    assert "PLANTED" not in out + err


def test_what_cannot_be_compared_is_neither_same_nor_different(fed: Fed) -> None:
    (fed.root / "empty").mkdir()
    (fed.root / "some.json").write_text("{}")
    (fed.root / "odd").mkdir()
    (fed.root / "odd" / "east").mkdir()
    (fed.root / "odd" / "east" / "x.yaml").write_text("a: b\n")
    for word, says in {
        "nope": "is not a file, a folder or a git revision",
        "empty": "contains neither a project",
        "some.json": "is not a plan file",
        "odd": "contains files that `fed render` does not write",
    }.items():
        code, _, err = fed.run("diff", word, ".")
        assert code == 2
        assert says in err


def test_a_revision_that_cannot_be_planned_says_which_and_why(fed: Fed) -> None:
    git(fed.root.parent, "init")
    write(fed.root, "kind: Nonsense\n")
    commit(fed.root.parent)
    write(fed.root)
    code, _, err = fed.run("diff", "HEAD", ".")
    assert code == 2
    assert "HEAD: workloads/web.yaml:1" in err


def test_a_stack_that_a_revision_does_not_have_is_reported_with_the_revision(fed: Fed) -> None:
    git(fed.root.parent, "init")
    commit(fed.root.parent)
    (fed.root / "Pulumi.prod.yaml").write_bytes((fed.root / "Pulumi.dev.yaml").read_bytes())
    for stack, hint in {"nope": "", "prod": "", "dve": '; did you mean "dev"?'}.items():
        says = f"HEAD: stack {stack!r} has no config file Pulumi.{stack}.yaml in revision HEAD{hint} (stacks: dev)"
        assert fed.run("diff", "HEAD", ".", "--stack", stack) == (2, "", says)


def test_from_a_folder_inside_of_it_the_project_is_meant(fed: Fed) -> None:
    git(fed.root.parent, "init")
    commit(fed.root.parent)
    assert fed.run("diff", "HEAD", ".", "--cwd", str(fed.root / "workloads")) == (0, "", "no difference\n")


def test_a_folder_of_one_member_is_compared_with_that_one_alone(fed: Fed) -> None:
    assert fed.run("render", "--out", str(fed.root / "part"), "--member", "east")[0] == 0
    write(fed.root, NAMESPACE + deployment(replicas=7))
    code, out, err = fed.run("diff", "part", ".", "--output", "json")
    assert code == 1
    assert [each["name"] for each in json.loads(out)["objects"]] == ["east/demo/Deployment/web"]
    assert "only east is compared" in err
    assert "record sets are not compared" in err


def test_both_sides_are_planned_by_the_observed_state_of_an_update(fed: Fed) -> None:
    seen = observed_state.ObservedWorkload(
        kind="Deployment", members={"east": ObservedReplicas(current=5), "west": ObservedReplicas(current=1)}
    )
    known = observed_state.ObservedState(
        stack="dev", observed_at=observed_state.now(), nodes={"east": 1, "west": 1}, workloads={"demo/web": seen}
    )
    write(fed.root, NAMESPACE + deployment() + preference(spec='totalReplicas: 6, clusters: {"*": {weight: 1}}'))
    observed_state.write_observed_state(known, fed.root / "observed" / "dev.yaml")
    (fed.root / "plan.json").write_text(fed.run("plan", "--output", "json")[1])
    assert '"replicas": 5' in (fed.root / "plan.json").read_text()
    code, _, err = fed.run("diff", "plan.json", ".")
    assert code == 0
    assert "the observed state in observed/dev.yaml is " in err


def test_a_link_that_leads_out_of_the_project_is_no_obstacle(fed: Fed) -> None:
    git(fed.root.parent, "init")
    (fed.root / "outside").symlink_to("/nowhere")
    (fed.root / "above").symlink_to("../../outside")
    commit(fed.root.parent)
    assert fed.run("diff", "HEAD", ".") == (0, "", "no difference\n")


def test_links_out_of_the_project_lead_to_the_same_documents_from_both_sides(fed: Fed) -> None:
    shared = fed.root.parent / "shared"
    shared.mkdir()
    (fed.root / "workloads" / "web.yaml").rename(shared / "web.yaml")
    (fed.root / "workloads" / "team").symlink_to("../../shared")
    git(fed.root, "init")
    commit(fed.root)
    assert fed.run("diff", "HEAD", ".") == (0, "", "no difference\n")
    assert "team/web.yaml" in fed.run("explain", "deploy/web")[1]
