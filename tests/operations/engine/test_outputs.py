"""The outputs of an update are read from the `pulumi` on PATH; without a state there are none."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from federation.components.clusters import identity
from federation.operations.engine import outputs
from federation.plan.model import object_index, record_changes
from federation.plan.model.observed import Observed
from tests.places import CASES
from tests.plan.building import TALK, federation, planned

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
ODD = yaml.safe_load((CASES / "outputs" / "odd.yaml").read_text())


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
    """A file: what `pulumi` answers, whatever it is asked; it keeps what it was asked in `asked`. Beside it, `errors`
    goes to standard error, and `listed` answers `stack ls`."""
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    answer = tmp_path / "answer"
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n'
        f'[ "$2" = ls ] && test -f {tmp_path}/listed && exec cat {tmp_path}/listed\n'
        f"test -f {tmp_path}/errors && cat {tmp_path}/errors >&2\n"
        f"read code < {answer}\ntail -n +2 {answer}\nexit $code\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return answer


def test_without_pulumi_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = outputs.observe_stack(tmp_path, federation())
    assert found == Observed(unread=found.unread)
    assert "there is no `pulumi` on PATH" in found.unread


def test_a_state_that_cannot_be_read_is_not_known_and_the_reason_is_pulumis(answering: Path, tmp_path: Path) -> None:
    answering.with_name("errors").write_text("SDK WARN x\nerror: failed to load checkpoint:\n  unexpected end\n")
    answering.write_text("255\n")
    found = outputs.observe_stack(tmp_path, federation())
    stack = federation().stack
    reason = f"pulumi has no outputs of stack {stack}: failed to load checkpoint: unexpected end"
    assert found == Observed(unread=reason)


@pytest.mark.parametrize("listed", ["[]", '[{"name": "another"}]'])
def test_a_stack_that_does_not_exist_holds_nothing(answering: Path, tmp_path: Path, listed: str) -> None:
    answering.with_name("listed").write_text(listed)
    answering.write_text("255\n")
    nothing = Observed(registered={}, exists=False, identities=identity.identify_clusters(federation(), tmp_path))
    assert outputs.observe_stack(tmp_path, federation()) == nothing


def test_a_stack_that_exists_and_has_no_outputs_to_read_is_not_taken_for_a_new_one(
    answering: Path, tmp_path: Path
) -> None:
    answering.with_name("listed").write_text(json.dumps([{"name": federation().stack}]))
    answering.write_text("255\n")
    found = outputs.observe_stack(tmp_path, federation())
    assert (found.registered, found.exists) == (None, True)


@pytest.mark.parametrize("by", ["component", "an earlier version"])
def test_the_index_and_quarantined_members_need_no_secrets(answering: Path, tmp_path: Path, by: str) -> None:
    made = planned(TALK)
    index = made.member("us-east").index or ()
    records = record_changes.to_text(made.records)
    tree = {
        "records": records,
        "index": {"us-east": object_index.to_text(index)},
        "held": {"us-west": {}},
        "kubeconfigs": {"us-east": {SIGNATURE: SECRET, "ciphertext": "v1:abc"}},
    }
    by_component = {"index": tree["index"], "held": {"us-west": True}, "records": records}
    outputs_, left = ({"index": {"us-east": "older"}}, by_component) if by == "component" else (tree, None)
    answering.write_text(state(outputs_, left=left, clusters={"us-east": "https://one"}, objects=index))
    found = outputs.observe_stack(tmp_path, federation())
    assert found == Observed(
        registered={"us-east": tuple(sorted(index))},
        quarantined_before=("us-west",),
        identities_before={"us-east": "https://one"},
        identities=identity.identify_clusters(federation(), tmp_path),
        records_before=record_changes.from_output(records),
    )
    assert len(found.records_before or ()) == len(made.records)
    assert "--show-secrets" not in (tmp_path / "asked").read_text()


def test_a_stack_without_outputs_holds_nothing_yet(answering: Path, tmp_path: Path) -> None:
    answering.write_text('0\n{"version": 3, "deployment": {"resources": null}}\n')
    nothing = Observed(registered={}, identities=identity.identify_clusters(federation(), tmp_path))
    assert outputs.observe_stack(tmp_path, federation()) == nothing


def test_outputs_of_another_program_under_these_names_are_passed_over(answering: Path, tmp_path: Path) -> None:
    tree = {"index": "index.html", "held": ["us-west"], "kubeconfigs": "~/.kube/config", "identities": {"us-east": {}}}
    answering.write_text(state(tree))
    nothing = Observed(registered={}, identities=identity.identify_clusters(federation(), tmp_path))
    assert outputs.observe_stack(tmp_path, federation()) == nothing


@pytest.mark.parametrize("case", [pytest.param(case, id=case["case"]) for case in ODD])
def test_each_output_is_checked_against_its_type(answering: Path, tmp_path: Path, case: dict[str, Any]) -> None:
    answering.write_text(state(case["outputs"]))
    found = outputs.read_outputs(tmp_path, "dev")
    read = {name: value for name, value in asdict(found).items() if value and name != "urns"}
    assert json.loads(json.dumps(read)) == case.get("found", {})
    assert found.observed == Observed(registered={}, names_before=found.dns_names)


@pytest.mark.parametrize("answer", ["", "hunter2", "[]", '"hunter2"', "null", '{"hunter2": 1}'])
def test_an_answer_that_is_no_outputs_is_refused_and_not_repeated(answering: Path, tmp_path: Path, answer: str) -> None:
    answering.write_text(f"0\n{answer}\n")
    with pytest.raises(outputs.OutputsUnavailableError, match="not the state of stack dev") as raised:
        outputs.read_outputs(tmp_path, "dev")
    assert "hunter2" not in str(raised.value)


def test_a_pulumi_that_cannot_be_run_is_distinguished_from_a_missing_one(answering: Path, tmp_path: Path) -> None:
    (tmp_path / "bin" / "pulumi").write_bytes(b"\x00no program")
    with pytest.raises(outputs.OutputsUnavailableError, match="cannot be run: Exec format error"):
        outputs.read_outputs(tmp_path, "dev")


def test_a_renamed_member_goes_by_its_present_name(answering: Path, tmp_path: Path) -> None:
    config = "config:\n  eks-federation:members:\n    dc1: {formerNames: [us-east, 1, dc2]}\n    dc2:\n"
    (tmp_path / "Pulumi.dev.yaml").write_text(config)
    kubeconfig = json.dumps({"clusters": [{"cluster": {}}], "users": [{"user": {}}]})
    index = planned(TALK).member("us-east").index or ()
    tree = {
        "members": {"us-east": {"region": "here"}, "us-west": {}, "dc2": {}},
        "kubeconfigs": {"us-east": kubeconfig},
        "index": {"us-east": object_index.to_text(index)},
        "held": {"us-east": {}},
    }
    answering.write_text(state(tree, clusters={"us-east": "https://one"}, objects=index))
    found = outputs.read_outputs(tmp_path, "dev")
    assert (found.members["dc1"], found.kubeconfigs, found.quarantined) == (
        {"region": "here"},
        {"dc1": kubeconfig},
        ("dc1",),
    )
    assert sorted(found.members) == ["dc1", "dc2", "us-west"]
    observed = found.observed
    assert observed.identities_before == {"dc1": "https://one"}
    assert {each.member for each in (observed.registered or {})["dc1"]} == {"dc1"}
    assert list(observed.registered or ()) == ["dc1"]


def test_what_stands_on_aws_is_read_from_the_state(answering: Path, tmp_path: Path) -> None:
    top = "urn:pulumi:dev::eks-federation::eks-federation:index:Federation$eks-federation:index:EksCluster"
    vpc = f"{top}$eks-federation:index:Network$aws:ec2/vpc:Vpc::us-east/vpc"
    resources = [
        {"urn": f"{top}::us-east", "type": "eks-federation:index:EksCluster", "outputs": {"deletionProtection": True}},
        {"urn": vpc, "outputs": {"cidrBlock": "10.1.0.0/16"}},
        {"urn": vpc, "outputs": {"cidrBlock": "10.0.0.0/16"}, "delete": True},
        {"urn": "urn:pulumi:dev::eks-federation::pulumi:pulumi:Stack::eks-federation-dev"},
    ]
    answering.write_text(f"0\n{json.dumps({'deployment': {'resources': resources}})}\n")
    (found,) = outputs.observe_stack(tmp_path, federation()).clusters.items()
    assert (found[0], found[1].cidr, found[1].count, found[1].is_protected) == ("us-east", "10.1.0.0/16", 1, True)
    assert "--show-secrets" not in (tmp_path / "asked").read_text()


def test_a_requested_secret_is_read_as_its_value(answering: Path, tmp_path: Path) -> None:
    text = '{"clusters": [{"cluster": {}}], "users": [{"user": {}}]}'
    secret = {SIGNATURE: SECRET, "plaintext": json.dumps({"us-east": text})}
    answering.write_text(state({"members": {}, "kubeconfigs": secret}))
    assert outputs.read_outputs(tmp_path, "dev").kubeconfigs == {"us-east": text}
    assert "--show-secrets" in (tmp_path / "asked").read_text()
