"""A folder is made as a whole, and no other file is lost."""

from pathlib import Path

import pytest

from fed.terminal import folder
from fed.terminal.folder import FolderRefusedError, replaced_folder


def tree(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


def make(out: Path, **files: str) -> None:
    with replaced_folder(out) as made:
        for name, text in files.items():
            made.write(f"a/{name}", text)


def test_a_second_making_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    make(tmp_path / "deep" / "out", one="1", two="2")
    make(tmp_path / "deep" / "out", two="3")
    assert set(tree(tmp_path)) == {"deep/out/.made-by-fed", "deep/out/a/two"}
    assert tree(tmp_path)["deep/out/a/two"] == "3"


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    make(tmp_path / "out", one="1")
    assert tree(tmp_path / "out")["a/one"] == "1"


@pytest.mark.parametrize("name", ["precious.txt", ".git", "us-east"])
def test_a_folder_of_somebody_else_is_refused_and_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(FolderRefusedError, match="did not make it"):
        make(tmp_path, one="1")
    assert tree(tmp_path) == {name: "mine"}


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(FolderRefusedError, match="is a file"):
        make(tmp_path / "out", one="1")


def test_where_nothing_can_be_made_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderRefusedError, match="cannot be made"):
        make(tmp_path / "file" / "out", one="1")


def test_an_error_on_the_way_leaves_the_old_one_as_it_was(tmp_path: Path) -> None:
    make(tmp_path / "out", one="1")
    before = tree(tmp_path)
    with pytest.raises(FolderRefusedError):
        make(tmp_path / "out", **{"two": "2", "two/three": "a file is no folder"})
    assert tree(tmp_path) == before


def test_a_swap_that_fails_half_way_puts_the_old_one_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "out", one="1")
    before = tree(tmp_path)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError("no space")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(FolderRefusedError, match="no space"):
        make(tmp_path / "out", two="2")
    assert tree(tmp_path) == before


def test_private_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    with replaced_folder(tmp_path / "out") as made:
        made.write("a/open", "1")
        made.write("a/private", "2", private=True)
    modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "out" / "a").iterdir()}
    assert modes["private"] == 0
    assert modes["open"] != 0


def test_parts_of_the_old_one_can_be_kept(tmp_path: Path) -> None:
    make(tmp_path / "out", one="1")
    with replaced_folder(tmp_path / "out") as made:
        assert made.keep("a")
        assert not made.keep("b")
        made.write("c", "3")
    assert tree(tmp_path / "out") == {folder.MARKER: tree(tmp_path / "out")[folder.MARKER], "a/one": "1", "c": "3"}


@pytest.mark.parametrize("name", ["README.md", ".git/config"])
def test_what_others_have_put_into_it_is_not_lost(tmp_path: Path, name: str) -> None:
    make(tmp_path / "out", one="1")
    (tmp_path / "out" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "out" / name).write_text("mine")
    with pytest.raises(FolderRefusedError, match=name.partition("/")[0]):
        make(tmp_path / "out", one="2")
    assert tree(tmp_path / "out")[name] == "mine"
