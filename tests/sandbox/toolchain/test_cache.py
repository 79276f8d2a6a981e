from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.errors import ToolchainError
from sandbox.toolchain import cache


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EKS_FEDERATION_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def ignore(_: str) -> None:
    return


def test_an_entry_is_made_once() -> None:
    made: list[Path] = []
    first = cache.obtain("tool-1", made.append, ignore)
    assert cache.obtain("tool-1", made.append, ignore) == first
    assert len(made) == 1


def test_two_who_want_the_same_entry_at_once_make_it_once() -> None:
    made: list[Path] = []
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: cache.obtain("tool-1", made.append, ignore), range(4)))
    assert (len(found), len(made)) == (1, 1)


def test_a_failed_attempt_leaves_nothing(own_cache: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise ToolchainError("no compiler")

    with pytest.raises(ToolchainError, match="no compiler"):
        cache.obtain("tool-1", fail, ignore)
    assert not cache.is_complete("tool-1")
    assert [path.name for path in own_cache.iterdir()] == [".tool-1.lock"]


def test_the_cache_follows_xdg_when_it_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EKS_FEDERATION_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.root() == tmp_path / "eks-federation"
