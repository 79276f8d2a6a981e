"""The example runs on the wheel, installed in an environment that has nothing of this checkout.

The quick form takes all other packages from the environment of the tests, so at their locked versions. The long form
installs them anew, at the newest versions that there are.
"""

import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests import wheels
from tests.sandbox.cloud import Cloud
from tests.sandbox.stack import harness, test_example
from tests.sandbox.stack.test_example import Program

pytestmark = pytest.mark.sandbox

SDKS = ("pulumi", "pulumi-kubernetes", "pulumi-aws", "pulumi-eks")
FROM = "import federation, importlib.metadata as m; print(federation.__file__, m.version('eks-federation'))"


def run(*command: str | Path) -> str:
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def pip(*arguments: str | Path) -> str:
    return run(sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments)


def empty(folder: Path) -> Path:
    """A virtual environment without a package; returns its Python."""
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    return folder / "bin" / "python"


def with_locked_packages(folder: Path, wheel: Path) -> None:
    """The wheel, beside the packages of the environment that these tests run in."""
    python = empty(folder)
    pip("--python", python, "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", wheel)
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    # Python reads no .pth file of a folder that a .pth file names, so the checkout stays out.
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")


def with_newest_packages(folder: Path, wheel: Path) -> None:
    """The wheel, and the newest version of everything that it needs."""
    pip("--python", empty(folder), "install", "--quiet", wheel, *SDKS)


def installed(folder: Path, name: str) -> str:
    """The version of a package in a virtual environment."""
    return run(folder / "bin" / "python", "-c", f"import importlib.metadata as m; print(m.version({name!r}))").strip()


def newest(name: str) -> str:
    found = re.match(rf"{name} \((\S+)\)", pip("index", "versions", name))
    assert found
    return found[1]


def pulumi_home(folder: Path, cloud: Cloud, version: str) -> Path:
    """Pulumi's folder of the sandbox, with its Kubernetes provider under the version that the SDK looks for too."""
    plugins = Path(cloud.environment["PULUMI_HOME"]) / "plugins"
    # The engine passes over folders that are links, and has lock files beside the folders.
    folders = {each.name: each for each in plugins.iterdir() if each.is_dir()}
    (provider,) = (path for name, path in folders.items() if name.startswith("resource-kubernetes-v"))
    for name, path in {**folders, f"resource-kubernetes-v{version}": provider}.items():
        (folder / "plugins" / name).mkdir(parents=True)
        for file in path.iterdir():
            (folder / "plugins" / name / file.name).symlink_to(file)
    return folder


@contextmanager
def program(folder: Path, cloud: Cloud, name: str, install: Callable[[Path, Path], None]) -> Iterator[Program]:
    """The example in a namespace of its own, on an environment that ``install`` has filled; destroyed at the end."""
    environment = folder / "environment"
    install(environment, wheels.build(folder))
    made = test_example.make(folder, cloud)
    home = pulumi_home(folder / "home", cloud, installed(environment, "pulumi-kubernetes"))
    made = replace(made, environment={**made.environment, "PULUMI_HOME": str(home)})
    settings = yaml.safe_load((made.folder / "Pulumi.yaml").read_text())
    settings["runtime"]["options"]["virtualenv"] = str(environment)
    (made.folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
    made.edit(('"namespace": "shop"', f'"namespace": "{name}"'))
    workloads = made.folder / "workloads" / "shop.yaml"
    workloads.write_text(workloads.read_text().replace("shop", name))
    made.pulumi("config", "set", "here", harness.context(made.clusters["taipei"]))
    made.pulumi("config", "set", "there", harness.context(made.clusters["tokyo"]))
    made.up()
    try:
        yield made
    finally:
        made.pulumi("destroy", "--yes", "--skip-preview")


def check(made: Program, name: str) -> None:
    """The library is the installed one, the example stands, and a second run changes nothing."""
    environment = made.folder.parent / "environment"
    path, version = made.run(str(environment / "bin" / "python"), "-c", FROM).split()
    assert Path(path).is_relative_to(environment)
    assert version == installed(environment, "eks-federation")
    ready = {member: made.get(member, "deploy", name, name)["status"]["readyReplicas"] for member in made.clusters}
    assert ready == {"taipei": 2, "tokyo": 1}
    assert len(made.outputs()["objects"]) == 6
    made.pulumi("preview", "--expect-no-changes")


def test_the_example_runs_on_the_installed_wheel(cloud: Cloud, tmp_path: Path) -> None:
    with program(tmp_path, cloud, "installed", with_locked_packages) as made:
        check(made, "installed")


@pytest.mark.soak
def test_the_example_runs_on_the_newest_packages(cloud: Cloud, tmp_path: Path) -> None:
    with program(tmp_path, cloud, "newest", with_newest_packages) as made:
        versions = {name: installed(tmp_path / "environment", name) for name in SDKS}
        assert versions == {name: newest(name) for name in SDKS}
        check(made, "newest")
