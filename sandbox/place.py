"""Locate a sandbox's folder on disk.

A sandbox keeps everything in one folder: `.sandbox` beside the nearest `Pulumi.yaml` upward, or the folder that
`EKS_FEDERATION_SANDBOX` names. The folder's mode is 0700, and it is deleted as a whole. So two checkouts, or a test
and a running sandbox, never meet.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError

VARIABLE = "EKS_FEDERATION_SANDBOX"
CHECKOUT = Path(__file__).resolve().parent.parent
"""The folder that holds the `sandbox` package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The paths of one sandbox. `project` is the checkout whose Pulumi projects are used with it."""

    folder: Path
    project: Path

    @property
    def state(self) -> Path:
        """The state file: the supervisor and its children."""
        return self.folder / "state.json"

    @property
    def credentials(self) -> Path:
        """The key pair for the sandbox's AWS."""
        return self.folder / "credentials.json"

    @property
    def addresses(self) -> Path:
        """Load balancers' hostnames and addresses."""
        return self.folder / "addresses.json"

    @property
    def logs(self) -> Path:
        """The folder of all logs."""
        return self.folder / "logs"

    @property
    def programs(self) -> Path:
        """The folder that comes first on PATH."""
        return self.folder / "bin"

    @property
    def engine(self) -> Path:
        """The folder of Pulumi's engine and its language host."""
        return self.folder / "engine"

    @property
    def pulumi_home(self) -> Path:
        """Pulumi's own folder: plugins and credentials."""
        return self.folder / "pulumi-home"

    @property
    def backend(self) -> Path:
        """The folder in which Pulumi keeps the state of stacks."""
        return self.folder / "backend"

    @property
    def passphrase(self) -> Path:
        """The file with the passphrase for secrets in the state."""
        return self.folder / "passphrase"

    @property
    def projects(self) -> Path:
        """The folder of the projects' copies, which Pulumi may write into."""
        return self.folder / "project"

    @property
    def kubeconfig(self) -> Path:
        """The merged kubeconfig."""
        return self.folder / "kubeconfig"


def find(start: Path | None = None) -> Place:
    """Return the place of the sandbox that belongs to a folder (the working directory, if none is given).

    Raises `SandboxError` when there is no Pulumi project upward of it and `EKS_FEDERATION_SANDBOX` is not set.
    """
    here = (start or Path.cwd()).resolve()
    project = next((folder for folder in (here, *here.parents) if (folder / "Pulumi.yaml").is_file()), None)
    # A project within the checkout, such as an example, shares the checkout's sandbox.
    if here.is_relative_to(CHECKOUT):
        project = CHECKOUT
    if named := os.environ.get(VARIABLE):
        return Place(folder=Path(named).resolve(), project=project or CHECKOUT)
    if project is None:
        raise SandboxError(f"no Pulumi.yaml in {here} or above; go to the project's folder, or set {VARIABLE}")
    return Place(folder=project / ".sandbox", project=project)


def make(place: Place) -> None:
    """Make the folders of a sandbox, readable by their owner only."""
    own = (place.logs, place.programs, place.engine, place.pulumi_home, place.backend, place.projects)
    for folder in (place.folder, *own):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)


def clear(place: Place, *, keep: tuple[Path, ...] = ()) -> None:
    """Remove everything in a sandbox's folder except the paths in `keep`."""
    for entry in place.folder.iterdir():
        if entry in keep:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


@contextmanager
def locked(place: Place) -> Iterator[None]:
    """Lock a sandbox while it is started or ended; waits for other holders."""
    while True:
        place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(place.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # The last holder may have removed the folder meanwhile: then the lock file no longer exists.
            if place.folder.is_dir() and os.path.samestat(os.fstat(descriptor), place.folder.stat()):
                yield
                return
        finally:
            os.close(descriptor)
