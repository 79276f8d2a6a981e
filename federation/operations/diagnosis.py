"""Check what an update needs beside config and documents: pulumi, plugins, backend, passphrase, members, kubectl.

Every check is made, whatever the others found. The checks of members run at once, each with a time limit.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from federation.errors import suggestions
from federation.errors.fault import FaultsFoundError, FederationError
from federation.operations.engine import command_line, outputs
from federation.operations.members import queries
from federation.operations.members.discovery import LiveCluster
from federation.operations.project import settings

__all__ = ["Diagnosis", "diagnose_stack"]

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One check: its subject, its state, what was found, and what to do when it is not ok."""

    what: str
    state: State
    found: str
    remedy: str = ""


def diagnose_stack(root: Path, stack: str, seconds: float) -> Iterator[Diagnosis]:
    """Check everything for ``stack`` of the project at ``root``; a member may take ``seconds`` to answer."""
    yield _config(root, stack)
    pulumi = _pulumi(root)
    yield pulumi
    if pulumi.state != "problem":
        yield from _plugins(root, stack)
        yield _backend(root)
        yield from _stack(root, stack, seconds)
    yield _kubectl()


def _config(root: Path, stack: str) -> Diagnosis:
    try:
        read = settings.read_stack(root, stack)
    except FederationError as error:
        faults = error.faults if isinstance(error, FaultsFoundError) else ()
        found = suggestions.counted(len(faults), "fault") if faults else _line(error)
        return Diagnosis(
            what="config and documents", state="problem", found=found, remedy=f"fed validate --stack {stack}"
        )
    members = suggestions.counted(len(read.federation.members), "member")
    found = f"{members}, {suggestions.counted(len(read.documents.federated), 'federated document')}"
    return Diagnosis(what="config and documents", state="ok", found=found)


def _pulumi(root: Path) -> Diagnosis:
    path = shutil.which("pulumi")
    if path is None:
        remedy = "install Pulumi, and put it on PATH"
        return Diagnosis(what="pulumi", state="problem", found="not on PATH", remedy=remedy)
    try:
        return Diagnosis(what="pulumi", state="ok", found=f"{command_line.query(root, 'version').strip()} at {path}")
    except (command_line.EngineError, OSError) as error:
        return Diagnosis(
            what="pulumi", state="problem", found=_line(error), remedy=f"run {path} version, and install it again"
        )


def _plugins(root: Path, stack: str) -> Iterator[Diagnosis]:
    try:
        listed = command_line.query_json(root, "plugin", "ls", "--json")
    except (command_line.EngineError, ValueError, OSError) as error:
        yield Diagnosis(what="plugins", state="problem", found=_line(error), remedy="pulumi plugin ls")
        return
    versions = {str(each.get("name")): str(each.get("version") or "") for each in listed if isinstance(each, dict)}
    for name in _needed(root, stack):
        beside = shutil.which(f"pulumi-resource-{name}")
        if name in versions or beside:
            found = " ".join(filter(None, [versions.get(name, ""), f"at {beside}" if beside else ""])) or "installed"
            yield Diagnosis(what=f"plugin {name}", state="ok", found=found)
        else:
            remedy = f"the next update fetches it; without a network: pulumi plugin install resource {name} --file FILE"
            yield Diagnosis(what=f"plugin {name}", state="warning", found="not installed", remedy=remedy)


def _needed(root: Path, stack: str) -> tuple[str, ...]:
    try:
        federation = settings.read_stack(root, stack).federation
    except FederationError:
        return ("kubernetes",)
    eks = ("eks",) if any(member.provider == "eks" for member in federation.members) else ()
    aws = ("aws",) if eks or federation.dns.provider == "route53" else ()
    return (*aws, *eks, "kubernetes")


def _backend(root: Path) -> Diagnosis:
    try:
        account = command_line.query_json(root, "whoami", "--json")
        return Diagnosis(what="backend", state="ok", found=f"{account.get('url')} as {account.get('user')}")
    except (command_line.EngineError, ValueError, OSError) as error:
        remedy = "pulumi login URL, or set PULUMI_BACKEND_URL"
        return Diagnosis(what="backend", state="problem", found=_line(error), remedy=remedy)


def _stack(root: Path, stack: str, seconds: float) -> Iterator[Diagnosis]:
    what = f"stack {stack}"
    try:
        exported = json.loads(command_line.query(root, "stack", "export", "--stack", stack))
    except (command_line.EngineError, ValueError, OSError) as error:
        is_new = "no stack named" in str(error)
        remedy = "see the state's backup, docs/state.md"
        if is_new:
            remedy = "pulumi stack init, or `fed up`, for a new one; else log in to the backend that has it"
        yield Diagnosis(
            what=what, state="problem", found="not in this backend" if is_new else _line(error), remedy=remedy
        )
        return
    count = len((exported.get("deployment") or {}).get("resources") or ())
    if not count:
        yield Diagnosis(what=what, state="ok", found="empty: nothing has been made yet")
        return
    try:
        last_outputs = outputs.read_outputs(root, stack)
    except FederationError as error:
        yield _unreadable(what, stack, error)
        return
    yield Diagnosis(what=what, state="ok", found=f"{count} resources, secrets can be read")
    yield from _members(last_outputs, seconds)


def _unreadable(what: str, stack: str, error: FederationError) -> Diagnosis:
    if "passphrase" in str(error):
        found = "its secrets cannot be read: the passphrase is wrong or missing"
        remedy = "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"
        return Diagnosis(what=what, state="problem", found=found, remedy=remedy)
    return Diagnosis(what=what, state="problem", found=_line(error), remedy=f"fed up --stack {stack}")


def _members(last_outputs: outputs.Outputs, seconds: float) -> Iterator[Diagnosis]:
    responses = queries.query_members(last_outputs, _version, seconds=seconds)
    for name, response in responses.items():
        what = f"member {name}"
        if isinstance(response, str):
            yield Diagnosis(what=what, state="ok", found=f"Kubernetes {response}")
        elif name in last_outputs.quarantined:
            yield Diagnosis(what=what, state="ok", found=response.reason)
        else:
            remedy = f"check the cluster, its network and your rights; if it is lost, set available: false on {name}"
            yield Diagnosis(what=what, state="problem", found=response.reason, remedy=remedy)


def _version(cluster: LiveCluster) -> str:
    return str(cluster.get("/version").get("gitVersion", "of an unknown version"))


def _kubectl() -> Diagnosis:
    path = shutil.which("kubectl")
    if path is None:
        remedy = "fed does not need it; install it to inspect members yourself"
        return Diagnosis(what="kubectl", state="warning", found="not on PATH", remedy=remedy)
    return Diagnosis(what="kubectl", state="ok", found=path)


def _line(error: Exception) -> str:
    """The last line of an error that is not empty."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].removeprefix("error: ") if lines else type(error).__name__
