"""A missing process proves nothing in a container, nor on a volume that other hosts write to."""

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from federation.operations.engine import processes


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "9p", "virtiofs"])
def test_on_a_volume_of_other_hosts_not_all_processes_are_visible(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    mounts = [SimpleNamespace(mountpoint=at, fstype=what) for at, what in {"/": "ext4", "/mnt/shared": kind}.items()]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: mounts)
    monkeypatch.setattr(processes, "_is_host", lambda: True)
    assert not processes.are_all_visible(Path("/mnt/shared/state/lock.json"), {})
    assert processes.are_all_visible(Path("/srv/state/lock.json"), {})


def test_in_a_container_not_all_processes_are_visible_unless_the_backend_is_private(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(processes, "_is_host", lambda: False)
    assert not processes.are_all_visible(tmp_path, {})
    assert not processes.are_all_visible(tmp_path, {processes.PRIVATE: "false"})
    assert processes.are_all_visible(tmp_path, {processes.PRIVATE: "true"})


def test_the_numbers_of_a_process_in_containers_are_read(tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tpulumi\nNSpid:\t4711\t93\t7\n")
    assert processes._inner(status) == (93, 7)
    status.write_text("Name:\tpulumi\nNSpid:\t4711\n")
    assert processes._inner(status) == ()
    assert processes._inner(tmp_path / "ended") == ()
