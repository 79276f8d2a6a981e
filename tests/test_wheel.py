"""The wheel holds all code and its types, takes ranges of versions, and is quick to import."""

import re
import subprocess
import sys
import tomllib
from email import message_from_bytes
from email.message import Message
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests import wheels
from tests.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKED = {
    name: Version(number)
    for name, number in re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
}
NEWEST_API = ("pulumi", "pulumi-kubernetes", "pulumi-aws", "pulumi-eks")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheels.build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        return message_from_bytes(archive.read(name))


def requirements(lines: list[str]) -> dict[str, Requirement]:
    return {each.name: each for each in map(Requirement, lines)}


def test_the_wheel_holds_every_module_and_the_mark_of_its_types(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    modules = {path.relative_to(ROOT).as_posix() for name in wheels.PACKAGES for path in (ROOT / name).rglob("*.py")}
    assert len(modules) > 200
    assert held == modules | {"federation/py.typed"}


def test_the_wheel_takes_the_ranges_of_requirements_in_and_pins_nothing(metadata: Message) -> None:
    wanted = [line for line in (ROOT / "requirements.in").read_text().splitlines() if line[:1] not in ("", "#", "-")]
    taken = requirements(metadata.get_all("Requires-Dist", []))
    assert taken == requirements(wanted)
    assert not [name for name, each in taken.items() if {one.operator for one in each.specifier} & {"==", "==="}]
    assert all({one.operator for one in taken[name].specifier} == {">=", "<"} for name in NEWEST_API)


def test_the_locked_versions_are_in_the_ranges(metadata: Message) -> None:
    taken = requirements(metadata.get_all("Requires-Dist", []))
    assert taken.keys() <= LOCKED.keys()
    assert [name for name, each in taken.items() if LOCKED[name] not in each.specifier] == []


def test_the_version_stands_in_one_place(metadata: Message) -> None:
    number = PROJECT["version"]
    assert metadata["Version"] == version("eks-federation") == number
    folders = ("federation", "stacks", "fed", "package")
    sources = [path for name in folders for path in sorted((ROOT / name).rglob("*.py"))]
    assert [path.name for path in sources if f'"{number}"' in path.read_text(encoding="utf-8")] == []


def test_the_metadata_says_which_python_and_that_types_come_along(metadata: Message) -> None:
    classifiers = metadata.get_all("Classifier", [])
    minimum = metadata["Requires-Python"].removeprefix(">=")
    assert f"Programming Language :: Python :: {minimum}" in classifiers
    assert "Typing :: Typed" in classifiers
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("Project-URL")


def test_importing_the_library_loads_no_module_but_itself_and_a_few_of_pythons_own() -> None:
    script = "import sys; before = set(sys.modules); import federation; print(*sorted(set(sys.modules) - before))"
    answer = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = answer.stdout.split()
    assert [name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names] == ["federation"]
    assert len(loaded) < 20
