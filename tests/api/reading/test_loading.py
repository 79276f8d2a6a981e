"""Files, folders, JSON and Python values are read in one order, and faults name where they stand."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import pytest
import yaml

from federation.api.reading import files, yaml_scalars
from federation.api.reading.loading import from_values, load, parse, read_mapping
from federation.errors.fault import FaultsFoundError

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: demo}}\n"


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def faults_of(*paths: Path, root: Path) -> list[str]:
    with pytest.raises(FaultsFoundError) as caught:
        load(paths, root=root)
    return [str(fault) for fault in caught.value.faults]


def test_a_folder_is_read_with_all_below_it_but_hidden_files(tmp_path: Path) -> None:
    write(tmp_path, b_yaml=CONFIG_MAP.format(name="b"), sub__a_yml=CONFIG_MAP.format(name="a"), note_txt="no")
    write(tmp_path, _hidden_yaml="{", _git__c_yaml="{")
    documents = load([Path()], root=tmp_path)
    assert [(document.name, document.source.file) for document in documents.plain] == [
        ("a", "sub/a.yml"),
        ("b", "b.yaml"),
    ]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=CONFIG_MAP.format(name="a"))
    assert len(load([Path("a.yaml"), Path(), tmp_path / "a.yaml"], root=tmp_path).plain) == 1


def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=CONFIG_MAP.format(name="z"), b_yaml=CONFIG_MAP.format(name="c"))
    forward = load([Path("a.yaml"), Path("b.yaml")], root=tmp_path)
    assert forward == load([Path("b.yaml"), Path("a.yaml")], root=tmp_path)


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    write(tmp_path, a_yaml="a: [", b_yaml="kind: x\n", c_yaml=CONFIG_MAP.format(name="C"))
    lines = faults_of(Path(), Path("missing"), root=tmp_path)
    assert [line.partition(": ")[0] for line in lines] == ["a.yaml:2:1", "b.yaml:1", "c.yaml:3", "missing"]


def test_a_missing_path_and_an_empty_folder_are_faults(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path, note_txt="hello")
    assert faults_of(Path("empty"), Path("gone.yaml"), Path("note.txt"), root=tmp_path) == [
        "empty: this folder has no documents; put files named *.yaml, *.yml or *.json there",
        "gone.yaml: there is no such file or folder; check the path",
        "note.txt: is not named like a document; allowed: *.yaml, *.yml or *.json",
    ]


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").symlink_to(tmp_path / "gone")
    assert faults_of(Path(), root=tmp_path) == ["a.yaml: cannot be read: No such file or directory"]


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ({"in/team": "../shared"}, ["in/one.yaml", "in/team/deep/three.yaml", "in/team/two.yaml"]),
        ({"in/b": "../shared", "in/a": "../shared"}, ["in/a/deep/three.yaml", "in/a/two.yaml", "in/one.yaml"]),
        ({"in/a": "../shared", "shared/back": "../in"}, ["in/a/deep/three.yaml", "in/a/two.yaml", "in/one.yaml"]),
        ({"in/a": "../shared/deep", "in/b": "../shared"}, ["in/a/three.yaml", "in/b/two.yaml", "in/one.yaml"]),
        ({"in/loop": ".", "in/again": "loop"}, ["in/one.yaml"]),
        ({"in/.data": "../shared", "in/two.yaml": ".data/two.yaml"}, ["in/one.yaml", "in/two.yaml"]),
    ],
    ids=["one link", "two to one folder", "a link back", "one inside another", "loops", "as ConfigMaps are mounted"],
)
def test_links_to_folders_are_followed_and_every_folder_is_read_once(
    tmp_path: Path, links: dict[str, str], expected: list[str]
) -> None:
    texts = {name: CONFIG_MAP.format(name=name) for name in ("one", "two", "three")}
    write(tmp_path, in__one_yaml=texts["one"], shared__two_yaml=texts["two"], shared__deep__three_yaml=texts["three"])
    for link, target in links.items():
        (tmp_path / link).symlink_to(target)
    assert sorted(document.source.file for document in load([Path("in")], root=tmp_path).plain) == expected


@pytest.mark.parametrize("paths", [["in", "shared"], ["shared", "in"], ["in", "shared", "shared/deep"]])
def test_a_folder_that_is_named_and_linked_to_is_read_under_its_own_name(tmp_path: Path, paths: list[str]) -> None:
    write(tmp_path, in__one_yaml=CONFIG_MAP.format(name="one"), shared__deep__two_yaml=CONFIG_MAP.format(name="two"))
    (tmp_path / "in/a").symlink_to("../shared")
    read = load([Path(path) for path in paths], root=tmp_path).plain
    assert sorted(document.source.file for document in read) == ["in/one.yaml", "shared/deep/two.yaml"]


def test_a_link_without_a_target_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=CONFIG_MAP.format(name="a"))
    (tmp_path / "team").symlink_to("gone")
    (tmp_path / "self").symlink_to("self")
    assert faults_of(Path(), Path("self"), root=tmp_path) == [
        "self: there is no such file or folder; check the path",
        "self: this link has no target; correct it, or remove it",
        "team: this link has no target; correct it, or remove it",
    ]


def test_a_folder_that_cannot_be_read_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, a_yaml=CONFIG_MAP.format(name="a"), team__b_yaml=CONFIG_MAP.format(name="b"))
    scan = os.scandir

    def refused(path: str) -> object:  # file modes hold back no test that root runs
        if Path(path).name == "team":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refused)
    expected = ["team: this folder cannot be read: Permission denied; let it be read, or move it elsewhere"]
    assert faults_of(Path(), root=tmp_path) == expected


def test_a_document_by_a_name_in_capitals_is_not_passed_over(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=CONFIG_MAP.format(name="a"))
    (tmp_path / "b.YAML").write_text(CONFIG_MAP.format(name="b"))
    assert faults_of(Path(), root=tmp_path) == [
        "b.YAML: is not named like a document; allowed: *.yaml, *.yml or *.json"
    ]


def test_hidden_documents_are_counted_and_named_once(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=CONFIG_MAP.format(name="a"), _b_yaml="{", _c_yaml="{", _git__c_yaml="{", _d_yml="{")
    (tmp_path / ".idea").mkdir()
    (tmp_path / ".note").write_text("x")
    (warning,) = load([Path()], root=tmp_path).warnings
    assert str(warning) == (
        "warning: .: 4 hidden files and folders of documents are not read: .b.yaml, .c.yaml, .d.yml and 1 more; "
        "names that begin with a dot are left out; rename a file to have it read"
    )


def test_what_a_mounted_config_map_hides_is_read_by_its_links(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=CONFIG_MAP.format(name="a"), in__b_yaml=CONFIG_MAP.format(name="b"))
    (tmp_path / "in").rename(tmp_path / "..2026_01_01")
    (tmp_path / "..data").symlink_to("..2026_01_01")
    (tmp_path / "b.yaml").symlink_to("..data/b.yaml")
    documents = load([Path()], root=tmp_path)
    assert (len(documents.plain), documents.warnings) == (2, ())


def test_a_folder_too_large_to_be_meant_is_a_fault_and_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, big__a_yaml="a: [", big__b_yaml="a: [", big__c_txt="x")
    narrow = "; name the folders that hold the documents, under eks-federation:workloads"
    start = "big: this folder is too large: it contains more than "
    monkeypatch.setattr(files, "MOST_ENTRIES", 3)
    assert faults_of(Path("big"), root=tmp_path) == [f"{start}3 files and folders{narrow}"]
    monkeypatch.setattr(files, "MOST_ENTRIES", 9)
    monkeypatch.setattr(files, "MOST_DOCUMENTS", 1)
    assert faults_of(Path("big"), root=tmp_path) == [f"{start}1 files named *.yaml, *.yml or *.json{narrow}"]


def test_a_folder_that_goes_on_and_on_is_a_fault(tmp_path: Path) -> None:
    deep = tmp_path / "top" / "/".join(["d"] * 40)
    deep.mkdir(parents=True)
    (fault,) = faults_of(Path("top"), root=tmp_path)
    assert fault.startswith("top: this folder is too large: it is more than 32 levels deep, at d/d/d/d/")


def test_a_file_that_is_not_utf_8_says_which_byte(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"kind: x\nname: \xe4\n")
    assert faults_of(Path("a.yaml"), root=tmp_path) == ["a.yaml:2:7: this byte is not UTF-8; save the file as UTF-8"]


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    text = CONFIG_MAP.format(name="a") + "---\n" + CONFIG_MAP.format(name="b")
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert [document.source.line for document in load([Path("a.yaml")], root=tmp_path).plain] == [1, 5]


def test_files_outside_the_root_have_their_whole_name(tmp_path: Path) -> None:
    write(tmp_path, a_yaml="kind: x")
    (tmp_path / "inner").mkdir()
    assert faults_of(tmp_path / "a.yaml", root=tmp_path / "inner")[0].startswith(f"{tmp_path}/a.yaml:1: ")


def test_json_is_read_as_json() -> None:
    tree = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "demo"}, "x": "\U0001f600"}
    text = json.dumps(tree, indent="\t")
    assert "\\ud83d" in text
    (document,) = parse(text, "a.json").plain
    assert document.manifest == tree


def test_json_with_the_same_text_as_yaml_gives_the_same_documents() -> None:
    text = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "demo"}, "n": 1}'
    (from_json,), (from_yaml,) = parse(text, "a.json").plain, parse(text, "a.yaml").plain
    assert from_json.manifest == from_yaml.manifest


def test_a_key_twice_in_json_is_a_fault() -> None:
    with pytest.raises(FaultsFoundError, match="occurs twice"):
        parse('{"apiVersion": "v1", "kind": "A", "kind": "B", "metadata": {"name": "a"}}', "a.json")


def test_python_values_are_copied() -> None:
    data = {"color": "red"}
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "demo"}, "data": data}
    documents = from_values([MappingProxyType(document)])
    data["color"] = "blue"
    assert documents.plain[0].manifest["data"] == {"color": "red"}


def test_what_is_no_plain_value_is_named_with_its_place() -> None:
    document = {"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}, "x": [1, object()], "y": float("nan")}
    with pytest.raises(FaultsFoundError) as caught:
        from_values([{"apiVersion": "v1", "kind": "A", "metadata": {"name": "b"}}, document])
    first, second = (str(fault) for fault in caught.value.faults)
    assert first.startswith("<python>[1]: x[1]: a Python object cannot be part of a document")
    assert second.startswith("<python>[1]: y: infinity")


def test_a_mapping_file_that_is_empty_is_an_empty_mapping(tmp_path: Path) -> None:
    write(tmp_path, a_yaml="# nothing\n")
    tree, source = read_mapping(tmp_path / "a.yaml", root=tmp_path)
    assert (tree, source.file) == ({}, "a.yaml")


@pytest.mark.parametrize("text", ["- a\n", "a: 1\n---\nb: 2\n", "a: 1\na: 2\n", "a: ["])
def test_a_mapping_file_with_anything_else_is_a_fault(text: str, tmp_path: Path) -> None:
    write(tmp_path, a_yaml=text)
    with pytest.raises(FaultsFoundError, match=r"a\.yaml:"):
        read_mapping(tmp_path / "a.yaml", root=tmp_path)


def test_the_line_of_every_path_is_known() -> None:
    text = "# first\n---\napiVersion: v1\nkind: A\nmetadata:\n  name: a\nlist:\n  - x\n  - y: 1\n"
    source = parse(text, "a.yaml").plain[0].source
    lines = {path: source.place(*path).line for path in source.lines}
    assert lines[("metadata", "name")] == 6
    assert lines[("list", 1, "y")] == 9
    assert source.place("list", 7, "z").line == 7
    assert source.place("nothing").line == 3


def test_lines_that_are_not_at_hand_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    source = parse(CONFIG_MAP.format(name="a"), "a.yaml").plain[0].source
    composed: list[str] = []
    compose = yaml_scalars.compose

    def noted(text: str) -> Iterator[yaml.Node]:
        composed.append(text)
        return compose(text)

    monkeypatch.setattr(yaml_scalars, "compose", noted)
    assert source.place("metadata", "name").line == 3
    assert source.place("kind").line == 2
    assert composed == []
    assert source.place("nothing").line == source.place("nothing", "at", "all").line == 1
    assert len(composed) == 1


def test_a_pipe_among_the_documents_does_not_block_reading(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "folder" / "x.yaml")
    os.mkfifo(tmp_path / "y.yaml")
    with pytest.raises(FaultsFoundError) as caught:
        load([Path("folder"), Path("y.yaml")], root=tmp_path)
    message = str(caught.value)
    assert "folder/x.yaml: is not a regular file" in message
    assert "y.yaml: is neither a file nor a folder" in message
