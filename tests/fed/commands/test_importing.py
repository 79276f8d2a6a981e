"""``fed import`` writes documents, and says what is lost; ``fed federate`` writes documents of objects."""

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from fed.main import app
from fed.terminal import documents
from federation.api.reading import loading
from federation.errors.fault import FaultsFoundError, FederationError
from tests import kubefed_manifests as manifests

KARMADA = """
apiVersion: v1
kind: Secret
metadata: {name: token, namespace: shop}
data: {password: UExBTlRFRA==}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: all, namespace: shop}
spec:
  failover: {application: {}}
  resourceSelectors: [{apiVersion: v1, kind: Secret}]
"""


def fed(*arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(app, arguments, input=text)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_kubefeds_folder_comes_out_the_same_but_for_what_falls_away(here: Path) -> None:
    manifests.planted(here)
    result = fed("import", "kubefed", "manifests", "--out", "out")
    assert result.exit_code == 0, result.output
    assert (here / "out/placements.yaml").read_bytes() == (here / "manifests/placements.yaml").read_bytes()
    assert not (here / "out/control-plane.yaml").exists()
    assert "cGxhY2Vob2xkZXI" not in (here / "out/shop.yaml").read_text()
    read = loading.load([Path("out")], root=here)
    assert len(read.federated) == len(manifests.documents().federated)
    assert "context: us-east" in result.stdout
    assert "pulumi config set --secret shop_token_password" in result.stderr


def test_a_file_without_anything_to_take_out_comes_out_byte_for_byte(here: Path) -> None:
    (here / "in").mkdir()
    written = b"\xef\xbb\xbf" + config_map("one").encode() + b"\r\n# mine, from Windows\r\n"
    (here / "in/web.yaml").write_bytes(written)
    assert fed("import", "kubefed", "in", "--out", "out").exit_code == 0
    assert (here / "out/web.yaml").read_bytes() == written


def test_karmadas_report_names_file_and_line(here: Path) -> None:
    (here / "in").mkdir()
    (here / "in/app.yaml").write_text(KARMADA)
    result = fed("import", "karmada", "in", "--out", "out", "--output", "json")
    report = json.loads(result.stdout)
    assert report["written"] == ["shop/namespace.yaml", "shop/secret-token.yaml"]
    assert [(each["file"], each["line"], each["field"]) for each in report["lost"]] == [
        ("in/app.yaml", 11, "spec.failover")
    ]
    assert report["secrets"] == [{"key": "shop_token_password", "from": "Secret shop/token data.password"}]
    assert report["config"] == {"config": {"eks-federation:plan": {"adoptResources": "Disabled"}}}
    assert "UExBTlRFRA" not in result.output + (here / "out/shop/secret-token.yaml").read_text()


def test_secret_values_are_written_for_their_owner_alone(here: Path) -> None:
    (here / "app.yaml").write_text(KARMADA)
    assert fed("import", "karmada", "app.yaml", "--out", "out", "--with-secrets").exit_code == 0
    file = here / "out/shop/secret-token.yaml"
    assert "UExBTlRFRA==" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_import_twice_gives_the_same_bytes(here: Path) -> None:
    (here / "app.yaml").write_text(KARMADA)
    for out in ("one", "two"):
        fed("import", "karmada", "app.yaml", "--out", out)
    names = [path.relative_to(here / "one") for path in sorted((here / "one").rglob("*.yaml"))]
    assert names
    assert [(here / "one" / name).read_bytes() for name in names] == [
        (here / "two" / name).read_bytes() for name in names
    ]


def test_nothing_is_written_over(here: Path) -> None:
    (here / "app.yaml").write_text(KARMADA)
    (here / "out").mkdir()
    (here / "out/mine.yaml").write_text("a: b")
    result = fed("import", "karmada", "app.yaml", "--out", "out")
    assert isinstance(result.exception, FederationError)
    assert result.exception.exit_code == 2
    assert "out is not empty" in str(result.exception)


def config_map(name: str, more: str = "") -> str:
    metadata = f"metadata: {{name: {name}, namespace: shop}}"
    spec = "spec: {template: {data: {a: b}}, placement: {clusterSelector: {}}}"
    return f"{{apiVersion: types.kubefed.io/v1beta1, kind: FederatedConfigMap, {metadata}, {spec}{more}}}"


REWRITTEN = ", status: {clusters: [{name: east}]}"


def names_in(folder: Path) -> dict[str, str]:
    """The name of the object in each file."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): yaml.safe_load(path.read_text())["metadata"]["name"] for path in files}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"c/a.yaml": REWRITTEN, "c/a.yml": REWRITTEN, "c/a.json": REWRITTEN, "c/b.json": REWRITTEN},
            {"c/a.yaml": "c-a-yaml", "c/a.yml.yaml": "c-a-yml", "c/a.json.yaml": "c-a-json", "c/b.yaml": "c-b-json"},
        ),
        ({"a.yaml": "", "a.yml": REWRITTEN}, {"a.yaml": "a-yaml", "a.yml.yaml": "a-yml"}),
        (
            {"a.json": REWRITTEN, "a.json.yaml": REWRITTEN, "a.yml": REWRITTEN, "a.yml.yaml": ""},
            {"a.yaml": "a-json", "a.json.yaml": "a-json-yaml", "a.yml-2.yaml": "a-yml", "a.yml.yaml": "a-yml-yaml"},
        ),
    ],
    ids=["three ways to end", "beside a file that is copied", "the second choice is a file, too"],
)
def test_no_document_is_lost_where_two_files_would_get_one_name(
    here: Path, files: dict[str, str], expected: dict[str, str]
) -> None:
    for name, more in files.items():
        (here / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        text = config_map(name.replace("/", "-").replace(".", "-"), more)
        (here / "in" / name).write_text(json.dumps(yaml.safe_load(text)) if name.endswith(".json") else text)
    result = fed("import", "kubefed", "in", "--out", "out", "--output", "json")
    assert json.loads(result.stdout)["written"] == sorted(expected)
    assert names_in(here / "out") == expected


@pytest.mark.parametrize("source", ["in", "in/link.yaml", "{here}/in"], ids=["a folder", "a file", "a whole path"])
@pytest.mark.parametrize("more", ["", REWRITTEN], ids=["copied", "rewritten"])
def test_links_among_the_manifests_come_out_as_files_of_their_own(here: Path, source: str, more: str) -> None:
    (here / "in").mkdir()
    (here / "shared").mkdir()
    original = here / "shared/real.yaml"
    original.write_text(config_map("one", more) + "\n# mine\n")
    (here / "in/link.yaml").symlink_to("../shared/real.yaml")
    (here / "in/same.yaml").symlink_to("link.yaml")
    before = original.read_text()
    result = fed("import", "kubefed", source.format(here=here), "--out", "out", "--output", "json")
    written = ["real.yaml"] if source.endswith(".yaml") else ["link.yaml", "same.yaml"]
    assert json.loads(result.stdout)["written"] == written
    assert names_in(here / "out") == dict.fromkeys(written, "one")
    assert not any(path.is_symlink() for path in (here / "out").iterdir())
    assert original.read_text() == before
    assert [path.name for path in sorted(here.iterdir())] == ["in", "out", "shared"]


@pytest.mark.parametrize("more", ["", REWRITTEN], ids=["copied", "rewritten"])
def test_what_a_link_to_a_folder_leads_to_is_carried_over_below_it(here: Path, more: str) -> None:
    for name in ("in", "shared/deep"):
        (here / name).mkdir(parents=True)
    (here / "in/own.yaml").write_text(config_map("one"))
    (here / "shared/deep/two.yaml").write_text(config_map("two", more))
    (here / "in/team").symlink_to("../shared")
    (here / "shared/back").symlink_to("../in")
    result = fed("import", "kubefed", "in", "--out", "out", "--output", "json")
    assert json.loads(result.stdout)["written"] == ["own.yaml", "team/deep/two.yaml"]
    assert names_in(here / "out") == {"own.yaml": "one", "team/deep/two.yaml": "two"}
    assert not (here / "out/team").is_symlink()


def test_no_kind_leads_out_of_the_folder(here: Path) -> None:
    (here / "in").mkdir()
    selector = "resourceSelectors: [{apiVersion: example.com/v1, kind: ../../../X}]"
    (here / "in/app.yaml").write_text(
        "{apiVersion: example.com/v1, kind: ../../../X, metadata: {name: a, namespace: shop}}\n---\n"
        "apiVersion: policy.karmada.io/v1alpha1\nkind: PropagationPolicy\nmetadata: {name: all, namespace: shop}\n"
        f"spec: {{{selector}}}\n"
    )
    result = fed("import", "karmada", "in", "--out", "deep/out", "--output", "json")
    assert json.loads(result.stdout)["written"] == ["shop/..-..-..-x-a.yaml", "shop/namespace.yaml"]


@pytest.mark.parametrize("private", [False, True])
def test_a_new_file_is_never_written_through_a_link(here: Path, *, private: bool) -> None:
    (here / "mine.yaml").write_text("a: b")
    (here / "link.yaml").symlink_to("mine.yaml")
    (here / "dangling.yaml").symlink_to("new.yaml")
    for name in ("mine.yaml", "link.yaml", "dangling.yaml"):
        with pytest.raises(FileExistsError):
            documents.write_file(here / name, "c: d", private=private, new=True)
    assert (here / "mine.yaml").read_text() == "a: b"
    assert not (here / "new.yaml").exists()


def test_a_policys_documents_do_not_depend_on_where_it_is_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "below").mkdir()
    (here / "app.yaml").write_text(KARMADA)
    monkeypatch.chdir(here / "below")
    result = fed("import", "karmada", "..", "--out", "out", "--output", "json")
    assert json.loads(result.stdout)["written"] == ["shop/namespace.yaml", "shop/secret-token.yaml"]


def test_objects_from_standard_input_become_documents(here: Path) -> None:
    result = fed(
        "federate",
        "-",
        "--namespace",
        "shop",
        text="{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {size: '1e3'}}",
    )
    assert result.exit_code == 0
    document = yaml.safe_load(result.stdout)
    assert document["metadata"] == {"name": "a", "namespace": "shop"}
    assert "size: '1e3'" in result.stdout
    loading.parse(result.stdout, "out.yaml")


def test_a_file_that_holds_no_objects_is_a_fault_with_its_line(here: Path) -> None:
    (here / "a.yaml").write_text("apiVersion: v1\nkind: ConfigMap\n---\n- 1\n")
    result = fed("federate", "a.yaml")
    assert isinstance(result.exception, FaultsFoundError)
    assert [str(fault).partition(": ")[0] for fault in result.exception.faults] == ["a.yaml:1", "a.yaml:4"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("federate", "-", "--with-secrets"),
        ("federate", "a.yaml", "--contents"),
        ("federate", "deployment"),
        ("import", "kubefed", "."),
    ],
)
def test_a_wrong_command_line_ends_with_2(here: Path, arguments: tuple[str, ...]) -> None:
    assert fed(*arguments).exit_code == 2
