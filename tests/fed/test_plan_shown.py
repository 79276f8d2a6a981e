"""``fed plan`` shows changes and sums them up in one line, for people, programs and pull requests."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from fed.plan_output import markdown, matrix
from fed.plan_output.proposal import propose
from fed.terminal import output
from federation.errors.fault import Fault, Place
from federation.operations.engine import outputs
from federation.operations.project import settings
from federation.plan.changes import diff
from federation.plan.model import record_changes
from federation.plan.model.observed import Observed
from federation.plan.planner import plan
from federation.plan.views.output_schema import OUTPUTS, output_schema
from tests.fed.project import Fed, write
from tests.places import ROOT
from tests.plan.building import NAMESPACE, deployment, document, planned, preference, record, service

DNS: dict[str, Any] = {
    "federation": {"name": "atlas", "zone": "fed.test"},
    "dns": {"provider": "route53", "healthChecks": False},
    "members": {
        "east": {"provider": "kubeconfig", "context": "east", "region": "us-east-1"},
        "west": {"provider": "kubeconfig", "context": "west", "region": "us-west-2"},
    },
}
WEB = NAMESPACE + deployment() + service() + record() + preference(spec="totalReplicas: 6")


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fed:
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed())
    return Fed(write(tmp_path), capsys)


def stands(fed: Fed, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Make `text`, with DNS, the state that the last update has left."""
    write(fed.root, text, **DNS)
    stack = settings.read_stack(fed.root, "dev")
    made = plan(stack.federation, stack.documents)
    observed = Observed(
        registered={member.name: member.index or () for member in made.members},
        zone_before="fed.test",
        names_before=tuple(sorted({each.name for each in made.records if each.routing is None})),
        records_before=record_changes.from_output(record_changes.to_text(made.records)),
    )
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: observed)


def test_with_nothing_to_change_it_says_so_in_one_line(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    stands(fed, monkeypatch, WEB)
    code, out, _ = fed.run("plan", "--no-live")
    assert code == 0
    assert out == "stack dev: nothing to change: 6 objects, 3 DNS names as they are\n"


def test_only_what_changes_is_shown_and_all_with_all(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    stands(fed, monkeypatch, WEB)
    write(fed.root, WEB.replace("totalReplicas: 6", "totalReplicas: 4"), **DNS)
    _, out, _ = fed.run("plan", "--no-live")
    assert "Namespace demo" not in out
    assert "Deployment demo/web  3 -> 2  3 -> 2" in out
    assert "us-east-1 3 -> 2" in out
    closing = "stack dev: objects: 2 changed; DNS names: 3 changed; record sets: 4 changed"
    assert out.splitlines()[-1] == closing
    _, out, _ = fed.run("plan", "--no-live", "--all")
    assert "Namespace demo       same    same" in out
    assert "_weighted.web.demo.atlas.svc.fed.test" in out
    assert out.splitlines()[-1] == closing


def test_names_and_record_sets_that_go_are_shown_and_the_refusal_is_in_the_line(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    stands(fed, monkeypatch, WEB + deployment("shop") + service("shop") + record("shop"))
    write(fed.root, WEB, **DNS)
    code, out, err = fed.run("plan", "--no-live")
    assert code == 1
    assert "remove us-east-1 2" in out
    assert "REMOVE DNS name shop.demo.atlas.svc.fed.test" in err
    assert out.splitlines()[-1] == (
        "stack dev: objects: 4 removed; DNS names: 3 removed; record sets: 7 removed; refused: 1 reason above"
    )


def test_a_secret_whose_values_may_have_changed_is_not_called_the_same(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = WEB + document("FederatedSecret", "s", "{template: {stringData: {a: %s}}, placement: {clusterSelector: {}}}")
    stands(fed, monkeypatch, text % "one")
    write(fed.root, text % "two", **DNS)
    _, out, _ = fed.run("plan", "--no-live")
    assert "nothing to change: 8 objects, 3 DNS names as they are; secret values of 2 objects are not compared" in out
    _, out, _ = fed.run("plan", "--no-live", "--all")
    assert "Secret demo/s        values not compared  values not compared" in out


def test_nothing_trails_in_a_pipe_and_no_line_is_wrapped(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    write(fed.root, WEB, **DNS)
    _, out, _ = fed.run("plan", "--all")
    assert [line for line in out.splitlines() if line != line.rstrip()] == []
    assert any(len(line) > 100 for line in out.splitlines())


ROWS = [("Deployment demo/remover", "2 -> remove"), ("x (quarantined)", "same"), ("web.fed.test", "remove us-east 2")]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("no_color", "styled"), [("", True), ("1", False)])
def test_what_is_lost_stands_out_where_colours_are_wanted(
    monkeypatch: pytest.MonkeyPatch, no_color: str, *, styled: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.delenv("COLUMNS", raising=False)
    written = Terminal()
    monkeypatch.setattr(sys, "stdout", written)
    output.table("Objects", ("OBJECT", "east"), ROWS)
    lines = written.getvalue().splitlines()
    assert ("\x1b[1;31m2 -> remove\x1b[0m" in lines[2]) is styled
    assert ("\x1b[33mx (quarantined)" in lines[3]) is styled
    assert ("\x1b[1;31mremove us-east 2" in lines[4]) is styled
    assert "\x1b" not in lines[2].partition("2 ->")[0].removesuffix("\x1b[1;31m")


PRINTED = {
    "plan": ("plan", "--no-live"),
    "explain": ("explain", "deploy/web"),
    "simulate": ("simulate", "--lose", "each"),
    "diff": ("diff", "a.json", "."),
}


def check(kind: str, tree: Any) -> None:
    found = Draft202012Validator(output_schema(kind)).iter_errors(tree)
    assert [f"{each.json_path}: {each.message}" for each in found] == []
    assert (tree["apiVersion"], tree["kind"]) == ("eks-federation/v1", OUTPUTS[kind])


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("kind", PRINTED)
def test_what_is_printed_fits_its_schema(fed: Fed, monkeypatch: pytest.MonkeyPatch, kind: str, form: str) -> None:
    claim = document("FederatedConfigMap", "c", "{template: {data: {a: b}}, placement: {clusterSelector: {}}}")
    stands(fed, monkeypatch, WEB + deployment("shop") + service("shop") + record("shop"))
    (fed.root / "a.json").write_text(fed.run("plan", "--no-live", "--output", "json")[1])
    override = "overrides: [{clusterName: east, clusterOverrides: [{path: /spec/replicas, value: 9}]}]"
    everywhere = "placement: {clusterSelector: {}}"
    changed = WEB.replace("app: web", "app: other", 1) + claim + deployment("o", spec=f"{everywhere}, {override}")
    write(fed.root, changed, **DNS)
    _, out, _ = fed.run(*PRINTED[kind], "--output", form)
    tree = json.loads(out) if form == "json" else yaml.safe_load(out)
    check(kind, tree)
    assert "-1" not in [str(each) for each in leaves(tree)]


def leaves(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in leaves(value)]
    return [leaf for value in tree for leaf in leaves(value)] if isinstance(tree, list) else [tree]


@pytest.mark.parametrize("command", PRINTED.values(), ids=PRINTED)
def test_faults_are_printed_as_a_document_too(fed: Fed, command: tuple[str, ...]) -> None:
    (fed.root / "a.json").write_text(fed.run("plan", "--output", "json")[1])
    write(fed.root, deployment(spec="placement: {clusters: [{name: nobody}]}"))
    code, out, err = fed.run(*command, "--output", "json")
    assert code != 0
    assert '"nobody" is not a member' in err
    tree = json.loads(out)
    check("faults", tree)
    assert tree["faults"][0]["place"] == "workloads/web.yaml:3"


@pytest.mark.parametrize("kind", OUTPUTS)
def test_the_published_schemas_are_those_of_the_code(kind: str) -> None:
    published = ROOT / "docs/schemas" / f"{kind}.json"
    assert json.loads(published.read_text()) == output_schema(kind)
    Draft202012Validator.check_schema(output_schema(kind))


def test_a_schema_is_printed_and_an_unknown_command_has_none(fed: Fed) -> None:
    code, out, _ = fed.run("schema", "--output-of", "plan")
    assert code == 0
    assert json.loads(out) == output_schema("plan")
    code, _, err = fed.run("schema", "--output-of", "render")
    assert code == 2
    assert "has no schema (allowed: plan, explain, simulate, diff, observe, faults)" in err


def test_markdown_has_the_sum_the_refusals_and_the_names(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    stands(fed, monkeypatch, WEB + deployment("shop") + service("shop") + record("shop"))
    write(fed.root, WEB, **DNS)
    code, out, _ = fed.run("plan", "--no-live", "--output", "markdown")
    assert code == 1
    assert out.startswith("### stack dev: objects: 4 removed; DNS names: 3 removed; record sets: 7 removed; refused")
    assert "**Refused**\n\n- Pulumi.dev.yaml: eks-federation:guard: DNS name shop.demo" in out
    assert "**Names removed**\n\n- shop.demo.atlas.svc.fed.test" in out
    assert "| member | remove | same |\n|---|---|---|\n| east | 2 | 3 |" in out
    assert "| Deployment demo/shop | east | 2 -> remove |" in out


def test_markdown_says_why_there_is_no_plan(fed: Fed) -> None:
    write(fed.root, deployment(spec="placement: {clusters: [{name: nobody}]}"))
    code, out, _ = fed.run("plan", "--output", "markdown")
    assert code == 1
    assert out.startswith("### no plan\n\n**Faults**\n\n- workloads/web.yaml:3: ")


def test_markdown_is_of_bounded_length_and_says_what_it_leaves_out(fed: Fed) -> None:
    write(fed.root, NAMESPACE + "".join(deployment(f"web-{number}") for number in range(80)))
    _, out, _ = fed.run("plan", "--output", "markdown")
    assert "and 62 more" in out
    assert len(out) < 65_536


def test_markdown_takes_no_markup_from_documents(fed: Fed) -> None:
    message = '"a](https://example.com) <img> @team | `x`" is not a member\n# title'
    hostile = Fault(place=Place(file="web.yaml"), where="spec", message=message)
    shown = propose(settings.read_stack(fed.root, "dev"), Observed())
    (line,) = (each for each in markdown.text(shown, (hostile,)).splitlines() if "is not a member" in each)
    assert line == (
        '- web.yaml: spec: "a\\](https://example.com) &#60;img> &#64;team &#124; \\`x\\`" is not a member # title'
    )


def test_where_members_do_not_fit_side_by_side_each_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    members = {f"region-{number}": {"region": "us-east-1"} for number in range(8)}
    made = planned(NAMESPACE + deployment(), members=members)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    written = Terminal()
    monkeypatch.setattr(sys, "stdout", written)
    matrix.print_matrix(diff.find_changes(made, {}), list(members), [], every=False)
    lines = written.getvalue().splitlines()
    assert lines[1] == "OBJECT               MEMBER    CHANGE"
    assert "Deployment demo/web  region-7  0 -> 2" in lines
    assert max(map(len, lines)) <= 80
