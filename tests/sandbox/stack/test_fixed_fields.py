"""The plan's announcement for immutable fields agrees with engine, provider and API server."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.plan.changes.fixed_changes import merged
from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import documents, harness
from tests.sandbox.stack.harness import Project

pytestmark = pytest.mark.sandbox

WHERE = "fixed-fields"
MEMBER = "us-east"
CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "changes" / "on_the_engine.yaml").read_text())
REPLACED = [case for case in CASES if "replace" in case]
UNSEEN = [case for case in REPLACED if not case.get("previews", True)]
REFUSED = [case for case in CASES if "immutable" in case]
UNCHANGED = [case for case in CASES if case not in REPLACED + REFUSED]
WORDS = ("immutable", "forbidden", "may not be changed", "may not change")


@pytest.fixture
def project(tmp_path: Path, cloud: Cloud) -> Project:
    """One member, whose claims may be replaced here."""
    return harness.make(tmp_path, cloud, {MEMBER: "shared"}, guarded=False)


def write(project: Project, changed: Iterable[Mapping[str, Any]] = ()) -> None:
    """Write all objects as they stand at first, and the ``changed`` ones in their later form."""
    later = [case["name"] for case in changed]
    made = [documents.namespace(WHERE)]
    for case in CASES:
        template = merged(case.get("all", {}), case["after" if case["name"] in later else "before"])
        made.append(documents.federated(case["kind"], WHERE, case["name"], template=template, **case.get("spec", {})))
        if case.get("orphan"):
            made[-1]["metadata"]["annotations"] = {"kubefed.io/orphan": "true"}
    project.write("fixed", documents.text(*made))


def by_case(cases: Iterable[Mapping[str, Any]], names: Iterable[str]) -> dict[str, str]:
    """By ``Kind/name``, the logical names that are of ``cases``."""
    ends = {f"{case['kind']}/{case['name']}" for case in cases}
    found = {"/".join(name.split("/")[-2:]): name for name in names if name.startswith(f"{MEMBER}/")}
    return {end: name for end, name in sorted(found.items()) if end in ends}


def planned(project: Project) -> tuple[dict[str, str], dict[str, list[str]]]:
    """What `fed plan` says of each object that changes, and the fields that it names; by ``Kind/name``."""
    tree = json.loads(project.run("fed", "plan", "--stack", "dev", "--output", "json"))["transition"]
    changes = tree["members"][MEMBER]
    output = {change: by_case(CASES, names) for change, names in changes.items() if change not in ("same", "sealed")}
    fields = {end: tree["fields"].get(name, []) for some in output.values() for end, name in some.items()}
    return {end: change for change, some in output.items() for end in some}, fields


def previewed(project: Project) -> dict[str, str]:
    """What the engine's preview says of each object that changes, by ``Kind/name``."""
    steps = json.loads(project.pulumi("preview", "--json"))["steps"]
    operations = {step["urn"].split("::")[-1]: step["op"] for step in steps if step["op"] != "same"}
    return {end: operations[name] for end, name in by_case(CASES, operations).items()}


def uids(project: Project) -> dict[str, str]:
    outputs = {each["urn"].split("::")[-1]: each.get("outputs", {}) for each in project.state()["resources"]}
    found = by_case(CASES, outputs)
    return {end: outputs[name]["metadata"]["uid"] for end, name in found.items()}


def expected(cases: Iterable[Mapping[str, Any]], word: str) -> dict[str, list[str]]:
    return {f"{case['kind']}/{case['name']}": case.get(word, []) for case in cases}


def test_plan_engine_and_api_server_agree(project: Project) -> None:
    write(project)
    project.up()
    before = uids(project)
    assert len(before) == len(CASES)

    seen = [case for case in CASES if case not in REFUSED + UNSEEN]
    write(project, seen)
    replaced = {end for end, operation in previewed(project).items() if "replace" in operation}
    assert replaced == {*expected(REPLACED, "")} - {*expected(UNSEEN, "")}
    write(project, UNSEEN)
    output = project.pulumi("preview", fails=True)
    assert "was not successfully created by the Kubernetes API server" in output
    assert output.count("update with --skip-preview") >= len(UNSEEN)

    write(project, CASES)
    changes, fields = planned(project)
    assert fields == expected(REPLACED, "replace") | expected(REFUSED, "immutable") | expected(UNCHANGED, "")
    assert {end for end, change in changes.items() if change == "replace"} == {*expected(REPLACED, "")}
    assert {end for end, change in changes.items() if change == "immutable"} == {*expected(REFUSED, "")}
    text = project.up("--continue-on-error", fails=True)
    after = uids(project)
    assert {end for end in before if after[end] != before[end]} == {*expected(REPLACED, "")}
    for end in expected(REFUSED, ""):
        output = text.partition(f"/{end}):")[2].partition("\n  kubernetes:")[0]
        assert any(word in output for word in WORDS), end
    # What failed is still to be done, and would fail again; all else has been carried out.
    changes, fields = planned(project)
    assert set(changes.values()) == {"immutable"}
    assert fields == expected(REFUSED, "immutable")
