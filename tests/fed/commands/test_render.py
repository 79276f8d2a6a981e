"""``fed render`` writes a plan as files: the same bytes for the same input, and no secret without request."""

import json
from pathlib import Path

import pytest
import yaml

from federation.operations.engine import outputs
from federation.plan.model.observed import Observed
from tests.fed.project import CONFIG, Fed, write
from tests.plan.building import NAMESPACE, deployment, document, record, service

SECRET = document("FederatedSecret", "s", "{template: {stringData: {p: 'PLANTED'}}, placement: {clusterSelector: {}}}")
SEALED = document(
    "FederatedSecret",
    "t",
    "{template: {data: {p: {valueFrom: {config: token}}}}, placement: {clusterSelector: {}}, overrides: "
    "[{clusterName: east, clusterOverrides: [{op: add, path: /data/q, value: UExBTlRFRA==}]}]}",
)


@pytest.fixture
def fed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fed:
    monkeypatch.setattr(outputs, "observe_stack", lambda *_: Observed())
    return Fed(write(tmp_path, NAMESPACE + deployment() + SECRET + SEALED), capsys)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_twice_gives_identical_bytes(fed: Fed) -> None:
    assert fed.run("render", "--out", str(fed.root / "a"))[0] == 0
    assert fed.run("render", "--out", str(fed.root / "b"))[0] == 0
    first = contents(fed.root / "a")
    assert first == contents(fed.root / "b")
    assert fed.run("render", "--out", str(fed.root / "a"))[0] == 0
    assert first == contents(fed.root / "a")
    assert set(first) == {
        ".made-by-fed",
        "records.json",
        *(f"{member}/2-cluster/namespace-demo.yaml" for member in ("east", "west")),
        *(f"{member}/3-namespaces/demo/deployment-web.yaml" for member in ("east", "west")),
    }


def test_planted_secrets_are_written_to_no_file_and_are_listed_by_name(fed: Fed) -> None:
    code, out, err = fed.run("render", "--out", str(fed.root / "out"))
    everything = out + err + b"".join(contents(fed.root / "out").values()).decode()
    assert code == 0
    assert "PLANTED" not in everything
    assert "UExBTlRFRA" not in everything
    assert "left out: demo/Secret/s: it holds secret values; --with-secrets writes them" in err
    assert "left out: demo/Secret/t: its values stand encrypted in the stack's config (token)" in err


def test_with_secrets_literals_are_written_for_their_owner_alone(fed: Fed) -> None:
    code, _, err = fed.run("render", "--out", str(fed.root / "out"), "--with-secrets")
    file = fed.root / "out" / "east" / "3-namespaces" / "demo" / "secret-s.yaml"
    assert code == 0
    assert yaml.safe_load(file.read_text())["stringData"] == {"p": "PLANTED"}
    assert file.stat().st_mode & 0o777 == 0o600
    assert "PLANTED" not in err
    assert "demo/Secret/s" not in err
    assert "left out: demo/Secret/t" in err


def test_one_member_is_written_again_and_the_others_stay(fed: Fed) -> None:
    fed.run("render", "--out", str(fed.root / "out"))
    before = contents(fed.root / "out")
    write(fed.root, NAMESPACE + deployment(replicas=9))
    assert fed.run("render", "--out", str(fed.root / "out"), "--member", "west")[0] == 0
    after = contents(fed.root / "out")
    changed = {path for path in after if before[path] != after[path]}
    assert changed == {"west/3-namespaces/demo/deployment-web.yaml"}


def test_a_quarantined_members_folder_is_kept(fed: Fed) -> None:
    fed.run("render", "--out", str(fed.root / "out"))
    before = contents(fed.root / "out")
    members = CONFIG["eks-federation:members"]
    lost = {**members, "east": {**members["east"], "available": False}}
    write(fed.root, NAMESPACE + deployment(replicas=9), members=lost)
    code, _, err = fed.run("render", "--out", str(fed.root / "out"))
    after = contents(fed.root / "out")
    east = "east/3-namespaces/demo/deployment-web.yaml"
    assert code == 0
    assert "its folder is kept" in err
    assert after[east] == before[east]
    assert after[east.replace("east", "west")] != before[east]


def test_record_sets_stand_beside_the_members(fed: Fed) -> None:
    config = {
        "federation": {"name": "atlas", "zone": "fed.test"},
        "members": {"east": {"region": "us-east-1", "kubernetesVersion": "1.34"}},
        "dns": {"healthChecks": False},
    }
    write(fed.root, NAMESPACE + deployment() + service() + record(), **config)
    assert fed.run("render", "--out", str(fed.root / "out"))[0] == 0
    names = [each["name"] for each in json.loads((fed.root / "out" / "records.json").read_text())]
    assert "web.demo.atlas.svc.fed.test" in names


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--member", "wset"], "stack dev has no member 'wset'; did you mean \"west\"? (allowed: east, west)"),
        ([], "contains files, and `fed render` did not make it"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(fed: Fed, arguments: list[str], said: str) -> None:
    before = contents(fed.root)
    code, _, err = fed.run("render", "--out", str(fed.root), *arguments)
    assert code == 2
    assert said in err
    assert contents(fed.root) == before


def test_faults_leave_the_folder_as_it_was(fed: Fed) -> None:
    fed.run("render", "--out", str(fed.root / "out"))
    before = contents(fed.root / "out")
    write(fed.root, NAMESPACE + deployment(spec="placement: {clusters: [{name: nowhere}]}"))
    code, _, err = fed.run("render", "--out", str(fed.root / "out"))
    assert (code, contents(fed.root / "out")) == (1, before)
    assert "nowhere" in err
