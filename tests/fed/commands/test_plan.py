"""``fed plan`` shows the change of every object in every member, and the guard's faults."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from fed.plan_output import matrix
from federation.operations.engine import guarding, outputs
from federation.operations.project import settings
from federation.plan.changes import diff
from federation.plan.changes.diff import Change, ObjectChange, Transition
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.standing import Standing
from tests.components.kubeconfigs import ONE, kubeconfig
from tests.fed.project import Fed, write
from tests.plan.building import NAMESPACE, TALK, deployment, document, planned, preference


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fed:
    monkeypatch.delenv("EKS_FEDERATION_GUARD", raising=False)
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed())
    return Fed(write(tmp_path), capsys)


def stands(fed: Fed, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Make `text` the state that the last update has registered."""
    from federation.plan.planner import plan

    write(fed.root, text)
    stack = settings.read_stack(fed.root, "dev")
    members = plan(stack.federation, stack.documents).members
    observed = Observed(registered={member.name: member.index or () for member in members})
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: observed)


def lines(text: str, start: str) -> list[list[str]]:
    """The rows below the title ``start``, by column."""
    below = text.partition(f"{start}")[2].splitlines()[1:]
    return [line.split("  ") for line in below[: next(i for i, each in enumerate(below) if not each.strip())]]


def columns(text: str, title: str) -> list[list[str]]:
    return [[cell.strip() for cell in row if cell.strip()] for row in lines(text, title)]


def test_without_a_state_every_object_is_new_and_the_plan_is_marked(fed: Fed) -> None:
    code, out, err = fed.run("plan")
    assert code == 0
    assert columns(out, "Objects") == [
        ["OBJECT", "east", "west"],
        ["Namespace demo", "create", "create"],
        ["Deployment demo/web", "? -> 2", "? -> 2"],
    ]
    assert "STATE UNKNOWN" in err


@pytest.mark.parametrize(("option", "expected"), [("--require-state", 1), ("--no-require-state", 0)])
def test_a_plan_without_a_state_names_the_reason_and_fails_where_the_state_is_required(
    fed: Fed, monkeypatch: pytest.MonkeyPatch, option: str, expected: int
) -> None:
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed(unread="failed to load checkpoint"))
    code, out, err = fed.run("plan", option)
    assert code == expected
    assert "Objects" in out
    assert "STATE UNKNOWN: the state of stack dev was not read (failed to load checkpoint)" in err
    _, out, _ = fed.run("plan", "--output", "json")
    assert json.loads(out)["state"] == {"known": False, "exists": None, "reason": "failed to load checkpoint"}


def test_a_stack_that_does_not_exist_yet_is_no_blind_plan(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed(registered={}, exists=False))
    code, _, err = fed.run("plan", "--require-state")
    assert code == 0
    assert "stack dev does not exist yet" in err
    assert "STATE UNKNOWN" not in err
    _, out, _ = fed.run("plan", "--output", "json")
    assert json.loads(out)["state"] == {"known": True, "exists": False}


@pytest.mark.parametrize(
    ("options", "value", "code"),
    [
        ((), None, 0),
        ((), "woodpecker", 1),
        ((), "false", 0),
        (("--no-require-state",), "true", 0),
        (("--require-state",), None, 1),
    ],
)
def test_the_state_is_required_in_ci_unless_the_command_line_says_otherwise(
    fed: Fed, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], value: str | None, code: int
) -> None:
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed(unread="no login"))
    assert fed.run("plan", *options, ci=value)[0] == code


def test_replicas_are_shown_before_and_after(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    stands(fed, monkeypatch, NAMESPACE + deployment("web") + deployment("old"))
    write(fed.root, NAMESPACE + deployment("web", replicas=5) + deployment("new"))
    code, out, err = fed.run("plan", "--all")
    assert code == 0
    assert columns(out, "Objects")[1:] == [
        ["Namespace demo", "same", "same"],
        ["Deployment demo/new", "0 -> 2", "0 -> 2"],
        ["Deployment demo/old", "2 -> remove", "2 -> remove"],
        ["Deployment demo/web", "2 -> 5", "2 -> 5"],
    ]
    assert columns(out, "Changes") == [
        ["MEMBER", "CREATE", "CHANGE", "REPLACE", "IMMUTABLE", "REMOVE", "SAME", "PENDING", "KEPT"],
        ["east", "1", "1", "0", "0", "1", "1", "0", "0"],
        ["west", "1", "1", "0", "0", "1", "1", "0", "0"],
    ]
    assert "not known" not in err


def test_the_order_of_members_is_printed(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    stands(fed, monkeypatch, NAMESPACE + deployment(spec="placement: {clusters: [{name: east}]}"))
    write(fed.root, NAMESPACE + deployment(spec="placement: {clusters: [{name: west}]}"))
    _, _, err = fed.run("plan")
    assert "demo/Deployment/web: east goes when west is ready" in err
    _, out, _ = fed.run("plan", "--output", "json")
    move = {"document": "demo/Deployment/web", "takers": ["west"], "givers": [], "leavers": ["east"]}
    assert json.loads(out)["moves"] == [move]


def test_a_plan_that_the_guard_refuses_is_shown_and_fails(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    stands(fed, monkeypatch, NAMESPACE + deployment())
    write(fed.root, NAMESPACE)
    (fed.root / "workloads" / "web.yaml").write_text("# nothing any more\n")
    code, out, err = fed.run("plan")
    assert code == 1
    assert ["Deployment demo/web", "2 -> remove", "2 -> remove"] in columns(out, "Objects")
    assert "east is emptied" in err
    assert "namespace demo would be deleted in east, west" in err
    monkeypatch.setenv("EKS_FEDERATION_GUARD", "off")
    code, _, err = fed.run("plan")
    assert code == 0
    assert "warning: " in err


def test_a_member_that_leads_to_another_cluster_is_refused_or_reported(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    stands(fed, monkeypatch, NAMESPACE + deployment())
    left = outputs.observe_stack(fed.root, settings.read_stack(fed.root, "dev").federation)
    known = replace(left, identities_before={"east": "https://one"}, identities={"east": "https://two"})
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: known)
    said = (
        "east leads to another cluster: all of its 2 objects would be replaced, "
        "deleted in https://one and created again in https://two"
    )
    code, _, err = fed.run("plan")
    assert code == 1
    assert said in err
    write(fed.root, NAMESPACE + deployment(), plan={"unjoin": ["east"]})
    code, _, err = fed.run("plan")
    assert code == 0
    assert f"{said}, as plan.unjoin lets it" in err


@pytest.mark.parametrize("guard", ["on", "off"])
def test_members_that_lead_to_one_cluster_are_refused_whether_the_guard_is_on_or_off(
    fed: Fed, monkeypatch: pytest.MonkeyPatch, guard: str
) -> None:
    kubeconfig(fed.root / "found", {"east": ONE, "west": ONE})
    monkeypatch.setenv("KUBECONFIG", "found")
    monkeypatch.setenv("EKS_FEDERATION_GUARD", guard)
    code, out, err = fed.run("plan")
    assert code == 1
    assert ["Deployment demo/web", "? -> 2", "? -> 2"] in columns(out, "Objects")
    assert "Pulumi.dev.yaml: eks-federation:members: east, west lead to the same cluster, https://one" in err


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_as_a_tree_it_has_the_transition(fed: Fed, form: str) -> None:
    code, out, _ = fed.run("plan", "--output", form)
    tree = json.loads(out) if form == "json" else yaml.safe_load(out)
    assert code == 0
    assert tree["transition"]["known"] is False
    assert tree["transition"]["replicas"]["demo/Deployment/web"]["east"] == {"before": None, "after": 2}


CELLS: list[tuple[Change, int | None, int | None, bool, str]] = [
    ("create", None, 3, False, "0 -> 3"),
    ("change", 3, 6, False, "3 -> 6"),
    ("change", 6, 6, False, "6 change"),
    ("same", 6, 6, False, "6"),
    ("same", None, 6, False, "? -> 6"),
    ("remove", 6, None, False, "6 -> remove"),
    ("remove", 6, None, True, "left in place"),
    ("remove", None, None, False, "remove"),
    ("pending", None, None, False, "pending"),
    ("replace", 6, 6, False, "6 replace"),
    ("replace", 3, 6, False, "3 -> 6, replace"),
    ("replace", None, None, False, "replace"),
    ("immutable", 6, 6, False, "6 will fail: immutable"),
    ("immutable", 3, 6, False, "3 -> 6, will fail: immutable"),
    ("immutable", None, None, False, "will fail: immutable"),
]


@pytest.mark.parametrize(("change", "before", "after", "orphan", "shown"), CELLS)
def test_a_cell_says_what_becomes_of_one_object(
    change: Change, before: int | None, after: int | None, orphan: bool, shown: str
) -> None:
    entry = IndexEntry(logical_name="east/demo/Deployment/web", token="kubernetes:apps/v1:Deployment", orphan=orphan)
    fields = ("spec.selector",) if change in ("replace", "immutable") else ()
    each = ObjectChange(entry=entry, change=change, before=before, after=after, fields=fields)
    assert matrix.cell(each, Transition(known=True, changes=()), frozenset()) == shown


def test_replacements_and_failures_are_reported_with_the_fields(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    def storage(template: str) -> str:
        return document(
            "FederatedStorageClass", "fast", f"{{template: {template}, placement: {{clusterSelector: {{}}}}}}"
        )

    before = storage("{provisioner: a/b}")
    after = storage("{provisioner: a/b, reclaimPolicy: Retain}")
    stands(fed, monkeypatch, NAMESPACE + before + deployment())
    write(fed.root, NAMESPACE + after + deployment().replace("app: web", "app: shop"))
    monkeypatch.setenv(guarding.ALLOW, "")
    code, out, err = fed.run("plan")
    assert code == 1
    assert "demo/Deployment/web would be replaced in all members that run it (east, west)" in err
    _, out, _ = fed.run("plan", "--output", "json")
    assert json.loads(out)["guard"]["verdict"] == "refused"
    code, out, err = fed.run("plan", "--allow", "demo/Deployment/web", "--all")
    assert code == 0
    rows = columns(out, "Objects")
    assert ["Deployment demo/web", "2 replace", "2 replace"] in rows
    assert ["StorageClass fast", "will fail: immutable", "will fail: immutable"] in rows
    assert columns(out, "Changes")[1] == ["east", "0", "0", "1", "1", "0", "1", "0", "0"]
    assert "Deployment demo/web is replaced, since spec.selector cannot be changed in place" in err
    assert "the update of StorageClass fast will fail: reclaimPolicy is immutable (in east, west)" in err
    _, out, _ = fed.run("plan", "--output", "json")
    transition = json.loads(out)["transition"]
    assert transition["members"]["east"] == {
        "same": 1,
        "immutable": ["east/StorageClass/fast"],
        "replace": ["east/demo/Deployment/web"],
    }
    assert transition["fields"]["west/StorageClass/fast"] == ["reclaimPolicy"]
    assert transition["fields"]["west/demo/Deployment/web"] == ["spec.selector"]
    assert json.loads(out)["guard"] == {"verdict": "passed", "reasons": []}


def test_the_replicas_of_a_quarantined_member_stay(capsys: pytest.CaptureFixture[str]) -> None:
    before = {member.name: member.index or () for member in planned(TALK).members}
    made = planned(TALK, Observed(registered=before), lost=("us-east",))
    matrix.print_matrix(diff.find_changes(made, before), [each.name for each in made.members], ["us-east"])
    rows = columns(capsys.readouterr().out, "Objects")
    assert ["Deployment demo/web", "3", "6 quarantined", "6 -> 12"] in rows


def test_a_document_without_members_has_its_row(fed: Fed) -> None:
    write(fed.root, NAMESPACE + deployment(spec="placement: {clusterSelector: {matchLabels: {geo: eu}}}"))
    code, out, err = fed.run("plan")
    assert code == 0
    assert columns(out, "Objects")[1:] == [["Namespace demo", "create", "create"], ["Deployment demo/web", "-", "-"]]
    assert "so Deployment demo/web goes to no member" in err


def test_no_placement_is_no_news_while_what_may_place_the_document_is_unreadable(fed: Fed) -> None:
    write(fed.root, NAMESPACE + deployment(spec="placement: {}") + preference("[web", spec="totalReplicas: 3"))
    code, _, err = fed.run("plan")
    assert code == 1
    assert "workloads/web.yaml:14" in err
    assert "goes to no member" not in err


def test_what_is_removed_everywhere_has_one_row(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    stands(fed, monkeypatch, NAMESPACE + deployment())
    write(fed.root, NAMESPACE + deployment(spec="placement: {clusters: []}"), guard={"maxRemovedShare": 1})
    _, out, _ = fed.run("plan", "--all")
    assert columns(out, "Objects")[1:] == [
        ["Namespace demo", "same", "same"],
        ["Deployment demo/web", "2 -> remove", "2 -> remove"],
    ]


def test_past_eight_members_every_object_has_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    members = {f"m{number}": {"region": "us-east-1", "kubernetesVersion": "1.34"} for number in range(9)}
    made = planned(NAMESPACE + deployment(), members=members)
    matrix.print_matrix(diff.find_changes(made, {}), list(members), [])
    rows = columns(capsys.readouterr().out, "Objects")
    assert rows[0] == ["OBJECT", "MEMBER", "CHANGE"]
    assert rows[-1] == ["Deployment demo/web", "m8", "0 -> 2"]
    assert len(rows) == 1 + 18
    matrix.print_matrix(diff.find_changes(made, {}), list(members), [], ["demo/ConfigMap/lost"])
    assert columns(capsys.readouterr().out, "Objects")[10] == ["ConfigMap demo/lost", "-", "-"]


def test_a_stack_that_cannot_be_read_is_a_warning_and_names_of_its_members_are_faults(fed: Fed) -> None:
    (fed.root / "Pulumi.prod.yaml").write_text("config: [")
    says = "warning: Pulumi.prod.yaml:2:1: stack prod cannot be read"
    for command in (("plan",), ("validate",), ("render", "--out", str(fed.root / "out"))):
        code, _, err = fed.run(*command)
        assert code == 0
        assert says in err
    write(fed.root, NAMESPACE + deployment().replace("clusterSelector: {}", "clusters: [{name: far}]"))
    code, _, err = fed.run("validate")
    assert code == 1
    assert says in err
    assert '"far" is not a member' in err


EKS = {"provider": "eks", "region": "us-east-1", "kubernetesVersion": "1.34"}


def test_clusters_networks_and_nodes_are_shown_where_they_change(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Infrastructure" not in fed.run("plan")[1]
    west = {"provider": "kubeconfig", "context": "west", "region": "jp"}
    write(fed.root, members={"west": west, "virginia": EKS})
    gone = Standing(resources={"aws:ec2/vpc:Vpc": 30}, cluster="c", kubernetes_version="1.33", cidr="10.1.0.0/16")
    observed = Observed(registered={}, clusters={"tokyo": gone}, roles_before={"tokyo": ""})
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: observed)
    _, out, err = fed.run("plan")
    assert columns(out, "Infrastructure") == [
        ["MEMBER", "CHANGE", "WHAT"],
        ["tokyo", "remove", "EKS cluster 1.33, VPC 10.1.0.0/16, 30 resources"],
        ["virginia", "create", "EKS cluster 1.34, VPC 10.0.0.0/16, 2 x m6i.large in 2 zones, 33 resources"],
    ]
    assert "is not known here: every cluster" not in err
    tree = json.loads(fed.run("plan", "--output", "json")[1])["infrastructure"]
    assert {name: each["action"] for name, each in tree["members"].items()} == {"tokyo": "remove", "virginia": "create"}


def test_an_older_kubernetes_is_refused_with_the_guard_off(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    write(fed.root, members={"east": EKS})
    observed = Observed(registered={}, clusters={"east": Standing(kubernetes_version="1.35")})
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: observed)
    monkeypatch.setenv("EKS_FEDERATION_GUARD", "off")
    code, _, err = fed.run("plan")
    assert code == 1
    assert "the cluster of east runs Kubernetes 1.35, and EKS takes no older version" in err
