"""A stack is read from the project's files, with every fault at its line."""

import textwrap
from pathlib import Path

import pytest

from federation.errors.fault import FaultsFoundError
from federation.operations.project import settings
from federation.plan import planner

CONFIG = """
config:
  eks-federation:federation: {name: atlas, zone: fed.test}
  eks-federation:members:
    here: {provider: kubeconfig, context: here, region: local}
  eks-federation:workloads: [workloads]
"""

NAMESPACE = """
apiVersion: types.kubefed.io/v1beta1
kind: FederatedNamespace
metadata: {name: demo, namespace: demo}
spec:
  placement: {clusters: [{name: here}]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: eks-federation\nruntime: python\n")
    (tmp_path / "workloads").mkdir()
    (tmp_path / "workloads" / "namespace.yaml").write_text(NAMESPACE)
    write(tmp_path, "dev", CONFIG)
    return tmp_path


def write(project: Path, stack: str, config: str) -> None:
    (project / f"Pulumi.{stack}.yaml").write_text(textwrap.dedent(config))


def test_a_name_that_a_cluster_of_another_stack_has_is_a_fault(project: Path) -> None:
    own = "config: {eks-federation:federation: {name: NAME}, eks-federation:workloads: [workloads], "
    own += "eks-federation:members: {MEMBER}}"
    made = '{region: us-east-1, kubernetesVersion: "1.34"}'
    write(project, "dev-us", own.replace("NAME", "atlas").replace("MEMBER", f"east: {made}"))
    write(project, "dev", own.replace("NAME", "atlas").replace("MEMBER", f"us-east: {made}"))
    with pytest.raises(FaultsFoundError) as caught:
        settings.read_stack(project, "dev")
    (fault,) = caught.value.faults
    assert str(fault) == (
        "Pulumi.dev.yaml:1: eks-federation:members.us-east: its cluster would be called atlas-dev-us-east, as that of "
        "east in stack dev-us is; give the member that is not deployed yet another name"
    )
    write(project, "dev", own.replace("NAME", "globe").replace("MEMBER", f"us-east: {made}"))
    assert settings.read_stack(project, "dev").federation.name == "globe"


def test_a_stack_is_its_members_and_its_documents(project: Path) -> None:
    stack = settings.read_stack(project, "dev")
    assert [member.name for member in stack.federation.members] == ["here"]
    assert [document.name for document in stack.documents.federated] == ["demo"]
    assert stack.federation.stack == "dev"


@pytest.mark.parametrize("defers_errors", [False, True])
def test_faults_of_the_config_hide_none_of_the_documents_form(project: Path, *, defers_errors: bool) -> None:
    write(project, "dev", CONFIG.replace("region: local", "regoin: local"))
    (project / "workloads" / "bad.yaml").write_text(NAMESPACE.replace("spec:", "spce:"))
    with pytest.raises(FaultsFoundError) as caught:
        settings.read_stack(project, "dev", defers_errors=defers_errors)
    assert [(fault.place.file, fault.where) for fault in caught.value.faults] == [
        ("Pulumi.dev.yaml", "eks-federation:members.here.regoin"),
        ("workloads/bad.yaml", "spce"),
        ("workloads/namespace.yaml", "metadata.name"),
    ]
    assert str(caught.value).endswith(
        "\nLater checks are skipped: they could report follow-on errors. Correct these faults and run again."
    )


def test_with_a_faulty_config_documents_are_read_as_strictly_as_it_says(project: Path) -> None:
    lenient = CONFIG.replace("region: local", "regoin: local") + "  eks-federation:plan: {strictness: warn}\n"
    write(project, "dev", lenient)
    (project / "workloads" / "namespace.yaml").write_text(NAMESPACE + "  spce: 1\n")
    with pytest.raises(FaultsFoundError) as caught:
        settings.read_stack(project, "dev")
    assert [(fault.where, str(fault.severity)) for fault in caught.value.faults] == [
        ("eks-federation:members.here.regoin", "error"),
        ("spec.spce", "warning"),
    ]


@pytest.mark.parametrize("config", ["config: [", "config: 3", CONFIG.replace("[workloads]", "3")])
def test_where_the_documents_stand_is_not_guessed(project: Path, config: str) -> None:
    write(project, "dev", config)
    (project / "workloads" / "namespace.yaml").write_text("x")
    with pytest.raises(FaultsFoundError) as caught:
        settings.read_stack(project, "dev")
    assert [fault.place.file for fault in caught.value.faults] == ["Pulumi.dev.yaml"]
    assert caught.value.skipped_checks


def test_a_fault_in_workloads_is_reported_once_beside_the_others(project: Path) -> None:
    write(project, "dev", CONFIG.replace("[workloads]", "3").replace("region: local", "regoin: local"))
    with pytest.raises(FaultsFoundError) as caught:
        settings.read_stack(project, "dev")
    assert [fault.where for fault in caught.value.faults] == [
        "eks-federation:members.here.regoin",
        "eks-federation:workloads",
    ]


def test_values_that_pulumi_was_given_win_over_the_file(project: Path) -> None:
    stack = settings.read_stack(project, "dev", {"federation": {"name": "orion", "zone": "fed.test"}})
    assert stack.federation.name == "orion"
    assert [member.name for member in stack.federation.members] == ["here"]


def test_members_of_other_stacks_are_known_by_name(project: Path) -> None:
    write(project, "prod", CONFIG.replace("    here:", "    there:"))
    assert settings.read_stack(project, "dev").federation.siblings == ("there",)


def test_labels_of_other_stacks_members_are_known_where_they_are_labels(project: Path) -> None:
    labelled = CONFIG.replace("region: local}", "region: local, labels: {geo: eu, tier: 1}}")
    write(project, "prod", labelled.replace("    here:", "    odd: [text]\n    here:"))
    found = [(each.stack, each.name, each.labels) for each in settings.read_stack(project, "dev").federation.others]
    assert found == [("prod", "here", {"geo": "eu"}), ("prod", "odd", {})]


@pytest.mark.parametrize("text", ["", "config:", "config: {}", "config:\n  eks-federation:members:\n"])
def test_another_stack_may_be_empty_so_far(project: Path, text: str) -> None:
    write(project, "prod", text)
    stack = settings.read_stack(project, "dev")
    assert (stack.federation.siblings, stack.documents.warnings) == ((), ())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("config: [", ":2:1"),
        ("config: text", ":1"),
        ("config:\n  eks-federation:members: [a]", ":2"),
        ("config:\n  eks-federation:members: {1: {}}", ":2"),
        ("- a", ":1"),
        ("a: b\n---\nc: d", ":3"),
    ],
)
def test_what_is_wrong_with_another_stack_is_a_warning_here(project: Path, text: str, line: str) -> None:
    write(project, "prod", text)
    write(project, "staging", CONFIG.replace("    here:", "    there:"))
    stack = settings.read_stack(project, "dev")
    assert stack.federation.siblings == ("there",)
    assert [str(each) for each in planner.plan(stack.federation, stack.documents).warnings] == [
        f"warning: Pulumi.prod.yaml{line}: stack prod cannot be read: names and labels of its members are not known "
        "here; see `fed validate --stack prod`"
    ]


def test_a_config_that_is_empty_says_what_is_missing(project: Path) -> None:
    write(project, "dev", "config:\n")
    with pytest.raises(FaultsFoundError, match="there are no members; add one"):
        settings.read_stack(project, "dev")


def test_a_missing_stack_says_which_there_are(project: Path) -> None:
    with pytest.raises(settings.StackNotFoundError, match=r"stack 'prod' has no config file .* \(stacks: dev\)"):
        settings.read_stack(project, "prod")
    with pytest.raises(settings.StackNotFoundError, match=r'; did you mean "dev"\? \(stacks: dev\)'):
        settings.read_stack(project, "dve")


def test_the_project_is_found_from_a_folder_inside_it(project: Path) -> None:
    assert settings.find_project(project / "workloads") == project


def test_outside_a_project_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(settings.StackNotFoundError, match=r"no Pulumi\.yaml in .* or above it"):
        settings.find_project(tmp_path)


def test_a_fault_of_a_member_names_file_and_line(project: Path) -> None:
    write(project, "dev", CONFIG.replace("provider: kubeconfig", "provider: gke"))
    with pytest.raises(FaultsFoundError, match=r"Pulumi\.dev\.yaml:5: eks-federation:members\.here\.provider: "):
        settings.read_stack(project, "dev")


@pytest.mark.parametrize("value", ["[]", "text", "3"])
def test_members_that_are_no_mapping_are_a_fault_and_not_a_crash(project: Path, value: str) -> None:
    write(project, "dev", f"config:\n  eks-federation:members: {value}\n")
    with pytest.raises(FaultsFoundError, match=r"Pulumi\.dev\.yaml:2: eks-federation:members: must be a mapping"):
        settings.read_stack(project, "dev")


def test_workloads_must_be_a_list_of_paths(project: Path) -> None:
    write(project, "dev", CONFIG.replace("[workloads]", "7"))
    with pytest.raises(FaultsFoundError, match=r"eks-federation:workloads: must be a list of files and folders"):
        settings.read_stack(project, "dev")


def test_mistyped_keys_come_with_all_other_faults_of_the_config(project: Path) -> None:
    write(project, "dev", CONFIG.replace("kubeconfig", "gke") + "  eks-federation:guards: {floor: 3}\n")
    with pytest.raises(FaultsFoundError) as caught:
        settings.read_stack(project, "dev", {"guard": {"floor": 3}})
    assert [str(fault.place) for fault in caught.value.faults] == ["Pulumi.dev.yaml:5", "Pulumi.dev.yaml:7"]
    write(project, "dev", CONFIG + "  eks-federation:guards: {floor: 3}\n")
    with pytest.raises(FaultsFoundError, match=r'yaml:7: .* did you mean "eks-federation:guard"\?'):
        settings.read_stack(project, "dev")


def test_a_stack_may_have_dots_in_its_name_and_a_folder_is_no_stack(tmp_path: Path) -> None:
    for name in ("Pulumi.dev.yaml", "Pulumi.prod.us-east.yaml", "Pulumi.yaml"):
        (tmp_path / name).write_text("")
    (tmp_path / "Pulumi.folder.yaml").mkdir()
    assert settings.stack_names(tmp_path) == ("dev", "prod.us-east")


OWN_FILES = {
    "salt": "encryptionsalt: v1:x\n",
    "key": "secretsprovider: awskms://alias/x\nencryptedkey: abc\n",
    "empty": "",
}


@pytest.mark.parametrize("text", OWN_FILES.values(), ids=OWN_FILES)
def test_a_file_that_pulumi_writes_for_a_cell_is_not_a_stack(project: Path, text: str) -> None:
    write(project, "prod", CONFIG)
    for cell in ("prod.us-east", "prod.us-east.apps"):
        write(project, cell, text)
    assert settings.stack_names(project) == ("dev", "prod")


def test_a_stack_with_a_dot_and_a_config_is_a_stack(project: Path) -> None:
    write(project, "dev.eu", CONFIG)
    assert settings.stack_names(project) == ("dev", "dev.eu")


def test_a_stack_without_config_is_left_out_only_beside_its_environment(project: Path) -> None:
    write(project, "prod.us-east", OWN_FILES["salt"])
    write(project, "devel", OWN_FILES["salt"])
    assert settings.stack_names(project) == ("dev", "devel", "prod.us-east")


@pytest.mark.parametrize(
    ("config", "layout"),
    [
        ("config: {eks-federation:federation: {name: atlas, layout: cells}}", "cells"),
        (CONFIG, "single"),
        ("config: [", "single"),
        ("config: {eks-federation:federation: odd}", "single"),
    ],
    ids=["cells", "default", "not YAML", "odd"],
)
def test_the_layout_is_read_whatever_else_is_wrong(project: Path, config: str, layout: str) -> None:
    write(project, "prod", config)
    assert settings.layout(project, "prod") == layout
