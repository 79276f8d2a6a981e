"""What an update left behind is asked of the `pulumi` on PATH; where there is none, nothing is known."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from federation.components import identity
from federation.plan import held_index
from federation.plan.observed import Observed
from stacks import outputs
from tests.plan.building import TALK, federation, planned

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
ODD = yaml.safe_load((Path(__file__).parent.parent / "cases" / "outputs" / "odd.yaml").read_text())


MEMBERSHIP = "eks-federation:index:Membership"
WORKLOAD = "eks-federation:index:FederatedWorkload"
FEDERATION = "eks-federation:index:Federation"


def state(outputs: object, *, left: object = None, clusters: dict[str, str] | None = None, objects: Any = ()) -> str:
    """What `pulumi stack export` answers of a stack with these ``outputs``, and a federation that has ``left`` some."""
    head = "urn:pulumi:dev::p::"
    resources: list[dict[str, Any]] = [
        {"urn": f"{head}pulumi:pulumi:Stack::p-dev", "type": "pulumi:pulumi:Stack", "outputs": outputs},
        {"urn": f"{head}{FEDERATION}::atlas", "type": FEDERATION, "outputs": left},
    ]
    for name, address in (clusters or {}).items():
        urn = f"{head}{MEMBERSHIP}::{name}/membership"
        resources.append({"urn": urn, "type": MEMBERSHIP, "outputs": {"identity": address}})
    resources += [
        {"urn": f"{head}{WORKLOAD}${each.token}::{each.logical_name}", "type": each.token} for each in objects
    ]
    return f"0\n{json.dumps({'version': 3, 'deployment': {'resources': resources}})}\n"


@pytest.fixture
def answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file: what `pulumi` answers, whatever it is asked; it keeps what it was asked in `asked`."""
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    answer = tmp_path / "answer"
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/asked\nread code < {answer}\ntail -n +2 {answer}\nexit $code\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return answer


def test_without_pulumi_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert outputs.observed(tmp_path, federation()) == Observed()


def test_of_a_stack_that_pulumi_does_not_know_nothing_is_known(answering: Path, tmp_path: Path) -> None:
    answering.write_text("255\n")
    assert outputs.observed(tmp_path, federation()) == Observed()


@pytest.mark.parametrize("by", ["component", "an earlier version"])
def test_the_index_and_who_was_held_are_known_without_asking_for_secrets(
    answering: Path, tmp_path: Path, by: str
) -> None:
    index = planned(TALK).member("us-east").index or ()
    tree = {
        "index": {"us-east": held_index.to_text(index)},
        "held": {"us-west": {}},
        "kubeconfigs": {"us-east": {SIGNATURE: SECRET, "ciphertext": "v1:abc"}},
    }
    by_component = {"index": tree["index"], "held": {"us-west": True}}
    outputs_, left = ({"index": {"us-east": "older"}}, by_component) if by == "component" else (tree, None)
    answering.write_text(state(outputs_, left=left, clusters={"us-east": "https://one"}, objects=index))
    found = outputs.observed(tmp_path, federation())
    assert found == Observed(
        registered={"us-east": tuple(sorted(index))},
        held_before=("us-west",),
        identities_before={"us-east": "https://one"},
        identities=identity.of(federation(), tmp_path),
    )
    assert "--show-secrets" not in (tmp_path / "asked").read_text()


def test_a_stack_without_outputs_holds_nothing_yet(answering: Path, tmp_path: Path) -> None:
    answering.write_text('0\n{"version": 3, "deployment": {"resources": null}}\n')
    nothing = Observed(registered={}, identities=identity.of(federation(), tmp_path))
    assert outputs.observed(tmp_path, federation()) == nothing


def test_outputs_of_another_program_under_these_names_are_passed_over(answering: Path, tmp_path: Path) -> None:
    tree = {"index": "index.html", "held": ["us-west"], "kubeconfigs": "~/.kube/config", "identities": {"us-east": {}}}
    answering.write_text(state(tree))
    nothing = Observed(registered={}, identities=identity.of(federation(), tmp_path))
    assert outputs.observed(tmp_path, federation()) == nothing


@pytest.mark.parametrize("case", [pytest.param(case, id=case["case"]) for case in ODD])
def test_each_output_is_held_to_its_type(answering: Path, tmp_path: Path, case: dict[str, Any]) -> None:
    answering.write_text(state(case["outputs"]))
    found = outputs.read(tmp_path, "dev")
    read = {name: value for name, value in asdict(found).items() if value and name != "urns"}
    assert json.loads(json.dumps(read)) == case.get("found", {})
    assert found.observed == Observed(registered={}, names_before=found.dns_names)


@pytest.mark.parametrize("answer", ["", "hunter2", "[]", '"hunter2"', "null", '{"hunter2": 1}'])
def test_an_answer_that_is_no_outputs_is_refused_and_not_repeated(answering: Path, tmp_path: Path, answer: str) -> None:
    answering.write_text(f"0\n{answer}\n")
    with pytest.raises(outputs.OutputsUnavailableError, match="not the state of stack dev") as raised:
        outputs.read(tmp_path, "dev")
    assert "hunter2" not in str(raised.value)


def test_a_pulumi_that_cannot_be_run_is_told_from_one_that_is_not_there(answering: Path, tmp_path: Path) -> None:
    (tmp_path / "bin" / "pulumi").write_bytes(b"\x00no program")
    with pytest.raises(outputs.OutputsUnavailableError, match="cannot be run: Exec format error"):
        outputs.read(tmp_path, "dev")


def test_a_secret_that_is_asked_for_is_read_as_what_it_is(answering: Path, tmp_path: Path) -> None:
    text = '{"clusters": [{"cluster": {}}], "users": [{"user": {}}]}'
    secret = {SIGNATURE: SECRET, "plaintext": json.dumps({"us-east": text})}
    answering.write_text(state({"members": {}, "kubeconfigs": secret}))
    assert outputs.read(tmp_path, "dev").kubeconfigs == {"us-east": text}
    assert "--show-secrets" in (tmp_path / "asked").read_text()
