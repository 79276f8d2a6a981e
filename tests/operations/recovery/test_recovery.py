"""Recovery clears some remains of a killed run, names others, and refuses the next run for the rest."""

import dataclasses
import datetime as dt
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.api.model.members import Federation, Member
from federation.api.reading import loading
from federation.operations.engine import command_line, locks, processes
from federation.operations.engine.locks import Holder, Lock
from federation.operations.recovery import aws_lookup, pending, recovery, verdicts
from federation.operations.recovery.pending import OpenOperation
from federation.plan import planner
from federation.plan.model.plan import Plan

NOW = dt.datetime.now(dt.UTC)
OWN = Lock(path=Path("lock.json"), pid=os.getpid(), user="ann", host=socket.gethostname(), since=NOW)
DOCUMENT = """
apiVersion: types.kubefed.io/v1beta1
kind: FederatedNamespace
metadata: {name: shop, namespace: shop}
spec: {placement: {clusterSelector: {}}}
"""


@pytest.fixture(autouse=True)
def seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """All processes are seen, wherever these tests run."""
    monkeypatch.setenv(processes.PRIVATE, "true")


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs until its standard input is closed."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


@pytest.fixture
def ended() -> int:
    """The pid of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The namespace ``shop`` on ``east`` and on ``west``, which is quarantined."""
    folder = tmp_path_factory.mktemp("plan")
    (folder / "shop.yaml").write_text(DOCUMENT)
    members = (
        Member(name="east", provider="kubeconfig", context="east", former_names=("home",)),
        Member(name="west", provider="kubeconfig", context="west", available=False),
    )
    return planner.plan(Federation(name="atlas", members=members), loading.load([folder], root=folder))


def write(backend: Path, lock: Lock) -> Path:
    """Write a lock as the engine does, for stack ``dev`` of project ``shop``."""
    folder = backend / ".pulumi" / "locks" / "organization" / "shop" / "dev"
    folder.mkdir(parents=True)
    path = folder / "1f0c.json"
    since = lock.since.isoformat() if lock.since else "?"
    tree = {"pid": lock.pid, "username": lock.user, "hostname": lock.host, "timestamp": since}
    path.write_text(json.dumps(tree))
    return path


def unlock(monkeypatch: pytest.MonkeyPatch, root: Path, *, change: bool = True) -> list[str]:
    (root / "Pulumi.yaml").write_text("name: shop\n")
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    monkeypatch.setattr(command_line, "ask_json", lambda *_: {"url": f"file://{root}/state?no_tmp_dir=true"})
    messages: list[str] = []
    recovery.unlock(root, "dev", messages.append, change=change)
    return messages


def test_a_process_that_runs_holds_its_lock() -> None:
    assert locks.holder(OWN) is Holder.RUNS


def test_a_process_that_has_ended_holds_nothing(ended: int) -> None:
    assert locks.holder(dataclasses.replace(OWN, pid=ended)) is Holder.GONE


def test_a_process_that_ended_and_was_not_waited_for_holds_nothing(sleeper: subprocess.Popen[bytes]) -> None:
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert locks.holder(dataclasses.replace(OWN, pid=sleeper.pid)) is Holder.GONE


def test_a_pid_that_another_process_has_got_since_holds_nothing(sleeper: subprocess.Popen[bytes]) -> None:
    lock = dataclasses.replace(OWN, pid=sleeper.pid, since=NOW - dt.timedelta(minutes=5))
    assert locks.holder(lock) is Holder.GONE


def test_another_hosts_process_cannot_be_judged(ended: int) -> None:
    assert locks.holder(dataclasses.replace(OWN, pid=ended, host="elsewhere")) is Holder.UNKNOWN


def test_where_other_containers_are_not_seen_a_missing_process_proves_nothing(
    monkeypatch: pytest.MonkeyPatch, ended: int
) -> None:
    monkeypatch.delenv(processes.PRIVATE)
    monkeypatch.setattr(processes, "_is_host", lambda: False)
    assert locks.holder(dataclasses.replace(OWN, pid=ended)) is Holder.UNKNOWN


def test_a_process_in_a_container_holds_the_lock_that_it_took_under_its_number_there(
    monkeypatch: pytest.MonkeyPatch, ended: int
) -> None:
    monkeypatch.setattr(processes, "_inner", lambda path: (ended,) if path.parent.name == str(os.getpid()) else ())
    assert locks.holder(dataclasses.replace(OWN, pid=ended)) is Holder.RUNS


def test_another_users_process_holds_its_lock() -> None:
    lock = dataclasses.replace(OWN, pid=1, since=NOW)
    assert locks.holder(lock) is Holder.RUNS


def test_the_engines_own_time_stamps_are_read(tmp_path: Path) -> None:
    folder = tmp_path / ".pulumi" / "locks" / "dev"
    folder.mkdir(parents=True)
    stamp = "2026-11-23T13:50:53.550379329+01:00"
    text = json.dumps({"pid": 7, "username": "ann", "hostname": "h", "timestamp": stamp})
    (folder / "a.json").write_text(text)
    (lock,) = locks.held(tmp_path, "shop", "dev")
    assert lock.since == dt.datetime(2026, 11, 23, 12, 50, 53, 550379, dt.UTC)


def test_a_lock_that_cannot_be_read_is_nobodys_to_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "state", OWN)
    path.write_text("")
    with pytest.raises(recovery.LockedError, match=r"unreadable.*pulumi cancel --stack dev --yes"):
        unlock(monkeypatch, tmp_path)
    assert path.exists()


def test_a_killed_runs_lock_is_cleared_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: int) -> None:
    path = write(tmp_path / "state", dataclasses.replace(OWN, pid=ended))
    (line,) = unlock(monkeypatch, tmp_path)
    assert f"process {ended}" in line
    assert "ann@" in line
    assert not path.exists()


def test_a_state_whose_attributes_are_torn_can_be_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: int
) -> None:
    write(tmp_path / "state", dataclasses.replace(OWN, pid=ended))
    folder = tmp_path / "state" / ".pulumi" / "stacks" / "shop"
    folder.mkdir(parents=True)
    for name, text in {"json": "{}", "json.attrs": "", "json.bak.attrs": "{}", "json.18e.tmp": "{"}.items():
        (folder / f"dev.{name}").write_text(text)
    (folder / "dev2.json.attrs").write_text("")
    messages = unlock(monkeypatch, tmp_path)
    assert "dev.json.attrs" in messages[0]
    assert sorted(path.name for path in folder.iterdir()) == ["dev.json", "dev.json.bak.attrs", "dev2.json.attrs"]


def test_nothing_unfinished_is_removed_while_an_engine_may_be_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unfinished = tmp_path / "state" / ".pulumi" / "stacks" / "shop" / "dev.json.18e.tmp"
    unfinished.parent.mkdir(parents=True)
    unfinished.write_text("{")
    assert unlock(monkeypatch, tmp_path) == []
    assert unfinished.exists()


def test_a_preview_clears_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: int) -> None:
    path = write(tmp_path / "state", dataclasses.replace(OWN, pid=ended))
    (line,) = unlock(monkeypatch, tmp_path, change=False)
    assert "`fed up` clears it" in line
    assert path.exists()


def test_a_live_lock_stops_an_update_and_names_its_holder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "state", OWN)
    with pytest.raises(recovery.LockedError, match=rf"ann@.*process {os.getpid()}.*wait for it, then") as raised:
        unlock(monkeypatch, tmp_path)
    assert "kill" not in str(raised.value)  # it is not called pulumi
    assert path.exists()


def test_another_hosts_lock_stops_an_update_and_says_how_to_clear_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: int
) -> None:
    path = write(tmp_path / "state", dataclasses.replace(OWN, pid=ended, host="elsewhere"))
    with pytest.raises(recovery.LockedError, match=r"cannot be seen from this host.*pulumi cancel"):
        unlock(monkeypatch, tmp_path)
    assert path.exists()


@pytest.mark.parametrize("url", ["s3://bucket", "https://api.pulumi.com", "azblob://state", "gs://state"])
def test_other_backends_are_not_looked_into(url: str, tmp_path: Path) -> None:
    assert locks.folder_of(url, tmp_path) is None


@pytest.mark.parametrize(
    ("url", "folder"),
    [("file:///state", "/state"), ("file://./state?no_tmp_dir=true", "ROOT/state"), ("file://~", "HOME")],
)
def test_a_file_backends_folder_is_found_however_it_is_written(url: str, folder: str, tmp_path: Path) -> None:
    wanted = folder.replace("ROOT", str(tmp_path)).replace("HOME", str(Path.home()))
    assert locks.folder_of(url, tmp_path) == Path(wanted)


def created(token: str, name: str, **inputs: object) -> OpenOperation:
    return OpenOperation(doing="creating", token=token, name=name, urn=f"urn:x::y::{token}::{name}", inputs=inputs)


NAMESPACE = "kubernetes:core/v1:Namespace"
OLD, NEW = (aws_lookup.FoundThing(identifier=name, is_ours=True) for name in ("vpc-old", "vpc-new"))


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        (created(NAMESPACE, "east/Namespace/shop"), "found there by its name and taken over"),
        (created(NAMESPACE, "home/Namespace/shop"), "may stand in east already; it is found there by its name"),
        (
            created(NAMESPACE, "other/Namespace/shop"),
            "no member any more; if that has a new name: formerNames: [other]",
        ),
        (created(NAMESPACE, "west/Namespace/shop"), "west, which is quarantined"),
        (
            created(NAMESPACE, "east/old/ConfigMap/a", kind="ConfigMap", metadata={"name": "a", "namespace": "old"}),
            "no document has it any more; whether it is there, and whose: kubectl --context east -n old get Config",
        ),
        (created("pulumi:providers:kubernetes", "east/kubernetes"), "in the state only"),
        (created("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "east/a"), "gives the same one"),
        (created("aws:route53/record:Record", "dns/a", allowOverwrite=True), "gives the same one"),
        (created("aws:ec2/routeTableAssociation:RouteTableAssociation", "east/a"), "AWS refuses a second one"),
    ],
)
def test_what_the_next_update_finds_again_is_safe(operation: OpenOperation, text: str, plan: Plan) -> None:
    verdict = verdicts.judge(operation, plan, ())
    assert verdict.is_safe
    assert text in verdict.text


def test_without_a_plan_an_object_that_may_stand_is_named_with_how_to_look() -> None:
    metadata = {"name": "a", "namespace": "old"}
    operation = created(NAMESPACE, "east/old/ConfigMap/a", kind="ConfigMap", metadata=metadata)
    verdict = verdicts.judge(operation, None, ())
    assert verdict.is_safe
    assert verdict.text.startswith(
        "may stand in east; whether it is there: kubectl --context east -n old get ConfigMap a "
    )


@pytest.mark.parametrize("doing", ["updating", "deleting", "reading"])
def test_what_stands_in_the_state_is_taken_up_again(doing: str, plan: Plan) -> None:
    operation = dataclasses.replace(created("aws:ec2/vpc:Vpc", "east/vpc"), doing=doing)
    assert verdicts.judge(operation, plan, ()).is_safe


@pytest.mark.parametrize("token", ["aws:rds/instance:Instance", "random:index/randomId:RandomId"])
def test_what_cannot_be_looked_for_is_not_safe(token: str, plan: Plan) -> None:
    verdict = verdicts.judge(created(token, "a"), plan, ())
    assert not verdict.is_safe
    assert "look for it by hand" in verdict.text


def test_what_aws_has_beside_the_state_is_named_with_the_way_to_remove_it(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws_lookup, "find", lambda _: (OLD, NEW))
    operation = dataclasses.replace(created("aws:ec2/vpc:Vpc", "east/vpc"), provider={"region": "eu-west-1"})
    verdict = verdicts.judge(operation, plan, {"vpc-old"})
    assert not verdict.is_safe
    assert "stands on AWS as vpc-new, with this stack's tags and unknown to the state" in verdict.text
    assert "aws ec2 delete-vpc --vpc-id vpc-new --region eu-west-1" in verdict.text


def test_what_is_not_proven_to_be_this_stacks_is_never_named_with_a_command(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        aws_lookup, "find", lambda _: (aws_lookup.FoundThing(identifier="atlas-dev-east", is_ours=False),)
    )
    verdict = verdicts.judge(created("aws:eks/cluster:Cluster", "east"), plan, ())
    assert not verdict.is_safe
    assert "atlas-dev-east stands on AWS under this name, without the tags of this federation and stack" in verdict.text
    assert "delete" not in verdict.text


@pytest.mark.parametrize("member", ["east", "west"])
def test_what_is_not_adopted_is_not_said_to_be_taken_over(plan: Plan, member: str) -> None:
    verdict = verdicts.judge(created(NAMESPACE, f"{member}/Namespace/shop"), plan, (), adopts=False)
    assert verdict.is_safe
    assert "and taken over" not in verdict.text
    assert ("adoptResources: Disabled takes nothing over" in verdict.text) is (member == "east")
    assert ("not taken over when it is back" in verdict.text) is (member == "west")


def test_what_aws_does_not_have_is_made_again(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_lookup, "find", lambda _: ())
    assert verdicts.judge(created("aws:ec2/vpc:Vpc", "east/vpc"), plan, ()).is_safe


def test_what_aws_does_not_tell_is_not_safe(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: OpenOperation) -> tuple[aws_lookup.FoundThing, ...]:
        raise aws_lookup.SearchFailedError("AccessDenied")

    monkeypatch.setattr(aws_lookup, "find", refuse)
    verdict = verdicts.judge(created("aws:ec2/vpc:Vpc", "east/vpc"), plan, ())
    assert not verdict.is_safe
    assert "AccessDenied" in verdict.text


def test_every_open_operation_is_named_before_an_unsafe_one_stops_the_update(plan: Plan) -> None:
    found = [created(NAMESPACE, "east/Namespace/shop"), created("aws:rds/instance:Instance", "db")]
    messages: list[str] = []
    with pytest.raises(recovery.UnresolvedError, match=r"1 of them.*--clear-pending-creates"):
        recovery.report([verdicts.judge(each, plan, ()) for each in found], "dev", messages.append)
    assert "2 operations" in messages[0]
    assert "creating kubernetes:core/v1:Namespace east/Namespace/shop" in messages[1]
    assert "creating aws:rds/instance:Instance db" in messages[2]


def test_an_operation_knows_its_providers_inputs() -> None:
    urn = "urn:pulumi:dev::shop::pulumi:providers:aws::aws/eu-west-1"
    resource = {
        "urn": "urn:pulumi:dev::shop::a$aws:ec2/vpc:Vpc::east/vpc",
        "type": "aws:ec2/vpc:Vpc",
        "custom": True,
        "provider": f"{urn}::1234",
    }
    deployment = {
        "resources": [
            {"urn": urn, "type": "pulumi:providers:aws", "id": "1234", "inputs": {"region": "eu-west-1"}},
            {"urn": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", "type": "pulumi:pulumi:Stack"},
        ],
        "pending_operations": [{"type": "creating", "resource": resource}] * 2,
    }
    (operation,) = pending.operations(deployment)
    assert operation.provider == {"region": "eu-west-1"}
    assert (operation.package, operation.name) == ("aws", "east/vpc")
    assert pending.known_ids(deployment) == {"1234"}
    assert pending.stack_urn(deployment).endswith("shop-dev")
