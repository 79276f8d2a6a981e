from pathlib import Path

import pytest

from sandbox import launcher


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    for place in (folder, folder / "examples" / "python"):
        place.mkdir(parents=True)
        (place / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    (folder / "stacks").mkdir()
    return folder


def arguments(typed: str, here: Path, checkout: Path) -> str:
    found, _ = launcher.command(typed.split(), here, checkout, checkout / ".sandbox" / "project")
    return " ".join(found).replace(str(checkout), "~")


def test_the_engine_works_on_the_copy(checkout: Path) -> None:
    assert arguments("up --yes", checkout, checkout) == "--cwd ~/.sandbox/project up --yes"
    assert arguments("up", checkout / "stacks", checkout) == "--cwd ~/.sandbox/project up"
    assert (checkout / ".sandbox" / "project" / "Pulumi.yaml").is_file()


@pytest.mark.parametrize("typed", ["-C examples/python up", "--cwd examples/python up", "--cwd=examples/python up"])
def test_a_directory_that_was_typed_is_where_the_project_is_looked_for(checkout: Path, typed: str) -> None:
    assert arguments(typed, checkout, checkout) == "--cwd ~/.sandbox/project/examples/python up"


@pytest.mark.parametrize("option", ["--policy-pack policy", "--policy-pack=policy"])
def test_paths_stay_relative_to_where_the_user_stands(checkout: Path, option: str) -> None:
    found = arguments(f"preview {option} --diff", checkout / "stacks", checkout)
    assert found.replace("=", " ") == "--cwd ~/.sandbox/project preview --policy-pack ~/stacks/policy --diff"


def test_the_settings_of_a_stack_are_those_of_the_copy(checkout: Path, tmp_path: Path) -> None:
    copy = "--cwd ~/.sandbox/project up --config-file ~/.sandbox/project/Pulumi.prod.yaml"
    assert arguments("up --config-file Pulumi.prod.yaml", checkout, checkout) == copy
    assert arguments("up --config-file ../Pulumi.prod.yaml", checkout / "stacks", checkout) == copy
    elsewhere = arguments(f"up --config-file {tmp_path}/other.yaml", checkout, checkout)
    assert elsewhere == f"--cwd ~/.sandbox/project up --config-file {tmp_path}/other.yaml"


def test_the_address_of_an_event_log_is_no_path(checkout: Path) -> None:
    found = arguments("up --event-log tcp://127.0.0.1:1", checkout, checkout)
    assert found == "--cwd ~/.sandbox/project up --event-log tcp://127.0.0.1:1"


@pytest.mark.parametrize("typed", ["version", "--color never package get-schema ./here", "plugin ls", ""])
def test_commands_without_a_stack_go_through_as_typed(checkout: Path, typed: str) -> None:
    assert arguments(typed, checkout, checkout) == typed


def test_projects_outside_the_checkout_go_through_as_typed(checkout: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "Pulumi.yaml").write_text("name: other\nruntime: python\n")
    assert arguments("up", other, checkout) == "up"
    assert arguments("up", tmp_path, checkout) == "up"


@pytest.mark.parametrize("typed", [["config", "set", "--secret", "a", "b"], ["config", "rm", "a", "-s", "dev"]])
def test_a_change_of_config_is_said_to_stay_in_the_sandbox(tmp_path: Path, typed: list[str]) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    _, notes = launcher.command(typed, tmp_path, tmp_path, tmp_path / "copies")
    assert [note for note in notes if "in the sandbox's copy only" in note]
    _, notes = launcher.command(["config"], tmp_path, tmp_path, tmp_path / "copies")
    assert notes == []
