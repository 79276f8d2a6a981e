"""``fed get`` and ``fed logs``: objects and logs of all members, each line with its member."""

import queue
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fed.terminal.options import HERE, Folder, MemberName, Output, StackName
from fed.terminal.output import OutputFormat, print_document, say, table
from federation.errors import suggestions
from federation.errors.fault import FederationError
from federation.operations.engine import outputs
from federation.operations.project import settings

if TYPE_CHECKING:
    from federation.operations.engine.outputs import Outputs
    from federation.operations.members.queries import Log, Unreachable

__all__ = ["get", "logs"]

UNITS = {"s": 1, "m": 60, "h": 3600}
Namespace = Annotated[
    str, typer.Option("--namespace", "-n", metavar="NAMESPACE", help="Only this namespace.", show_default=False)
]


class WrongRequestError(FederationError):
    """The command line requests something impossible."""

    exit_code = 2


def get(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="As kubectl takes it: pods, deploy, deployments.apps.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Only the object of this name.", show_default=False)] = "",
    namespace: Namespace = "",
    selector: Annotated[
        str, typer.Option("--selector", "-l", metavar="LABELS", help="Only these: app=web.", show_default=False)
    ] = "",
    member: MemberName = "",
    stack: StackName = "dev",
    output: Output = OutputFormat.TABLE,
    cwd: Folder = HERE,
) -> None:
    """List objects of one kind in all members, all namespaces unless one is named.

    Members are reached at the addresses of the last update; one that does not answer gets a line of its own. The values
    of Secrets are never printed.

    Exit codes: 0 listed; 1 a member does not answer, none has the object, or the stack is not up; 2 no such member.
    """
    # Imported here because it takes a fifth of a second to load.
    from federation.operations.members import queries

    left = _read_outputs(stack, member, cwd)
    if output is OutputFormat.TABLE:
        responses: Mapping[str, Any] = queries.query_members(
            left, queries.rows(kind, name, namespace, selector), member=member
        )
        is_there = _print_rows(responses)
    else:
        responses = queries.query_members(left, queries.objects(kind, name, namespace, selector), member=member)
        print_document("Objects", {"members": {key: _tree(each) for key, each in responses.items()}}, output)
        is_there = any(each for each in responses.values() if isinstance(each, list))
    is_unreachable = _say_unreachable(responses)
    if not is_there and not is_unreachable:
        say(f"no member has {f'{kind} {name}' if name else kind}")
    if is_unreachable or (name and not is_there):
        raise typer.Exit(1)


def _print_rows(responses: Mapping[str, Any]) -> bool:
    """Print the rows of all members as one table; false when there are none."""
    from federation.operations.members.queries import Table

    tables = {key: each for key, each in responses.items() if isinstance(each, Table)}
    columns = max((each.columns for each in tables.values()), key=len, default=())
    rows = [(key, *row) for key, each in tables.items() for row in each.rows]
    if rows:
        table("", ("MEMBER", *columns), [(*row, *[""] * (1 + len(columns) - len(row))) for row in rows])
    return bool(rows)


def logs(
    what: Annotated[str, typer.Argument(metavar="KIND/NAME", help="A workload, a Service or a pod: deployment/web.")],
    namespace: Namespace = "",
    *,
    container: Annotated[
        str, typer.Option("--container", "-c", metavar="NAME", help="Only this container.", show_default=False)
    ] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Print new lines until Ctrl-C.")] = False,
    tail: Annotated[
        int, typer.Option("--tail", metavar="N", min=-1, help="Lines of each container; -1 for all.")
    ] = 100,
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="No older lines than this: 30s, 10m, 2h.", show_default=False)
    ] = "",
    member: MemberName = "",
    stack: StackName = "dev",
    cwd: Folder = HERE,
) -> None:
    """Print the logs of a workload in all members, each line with its member and pod.

    Exit codes: 0 printed; 1 a member does not answer or has no such object, or the stack is not up; 2 the command line
    is wrong.
    """
    from federation.operations.members import queries

    kind, name = _kind_and_name(what)
    query = _query(tail, since, is_endless=follow)
    left = _read_outputs(stack, member, cwd)
    responses = queries.query_members(left, queries.logs_of(kind, name, namespace, container), member=member)
    is_unreachable = _say_unreachable(responses)
    logs_by_member = {key: each for key, each in responses.items() if not isinstance(each, queries.Unreachable)}
    for key, each in logs_by_member.items():
        if not each:
            say(f"{key}: no pod of {what} has a container{f' {container}' if container else ''}")
    if not _print_lines(left, logs_by_member, query, is_endless=follow) or is_unreachable:
        raise typer.Exit(1)


def _kind_and_name(what: str) -> tuple[str, str]:
    kind, slash, name = what.partition("/")
    if not (kind and slash and name):
        raise WrongRequestError(f'"{what}" is not an object; write KIND/NAME, such as deployment/web')
    return kind, name


def _query(tail: int, since: str, *, is_endless: bool) -> Mapping[str, str]:
    """The query parameters of each log request to the API server."""
    return {
        **({"tailLines": str(tail)} if tail >= 0 else {}),
        **({"sinceSeconds": str(_seconds(since))} if since else {}),
        **({"follow": "true"} if is_endless else {}),
    }


def _print_lines(
    left: "Outputs", logs_by_member: Mapping[str, "list[Log]"], query: Mapping[str, str], *, is_endless: bool
) -> bool:
    """Print the lines of all logs; false when one could not be read to its end. An interruption is not a failure."""
    try:
        for line in _lines(left, logs_by_member, query, is_endless=is_endless):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    except KeyboardInterrupt:
        raise typer.Exit from None
    except _FailedError:
        return False
    return True


class _FailedError(Exception):
    """A log could not be read to its end; the message is already printed."""


def _lines(
    left: "Outputs", logs_by_member: Mapping[str, "list[Log]"], query: Mapping[str, str], *, is_endless: bool
) -> Iterator[str]:
    """The lines of all logs: each log whole and in order, or as they arrive for endless logs."""
    from federation.operations.members.discovery import LiveCluster, LiveClusterError

    tasks = [(member, log) for member, some in logs_by_member.items() for log in some]
    queues: list[queue.Queue[str | LiveClusterError | None]] = [queue.Queue() for _ in tasks]
    if is_endless:
        queues = queues[:1] * len(tasks)

    def run(member: str, log: "Log", out: "queue.Queue[str | LiveClusterError | None]") -> None:
        try:
            cluster = LiveCluster.of_member(member, left.kubeconfigs[member], 10.0)
            for line in cluster.lines(log.path, {**query, "container": log.container}, endless=is_endless):
                out.put(f"{member} {log.pod}/{log.container}: {line}")
        except LiveClusterError as error:
            out.put(error)
        out.put(None)

    for (member, log), out in zip(tasks, queues, strict=True):
        threading.Thread(target=run, args=(member, log, out), daemon=True).start()
    has_failed = False
    for out in queues:
        while (each := out.get()) is not None:
            if isinstance(each, LiveClusterError):
                say(str(each))
                has_failed = True
            else:
                yield each
    if has_failed:
        raise _FailedError


def _read_outputs(stack: str, member: str, cwd: Any) -> "Outputs":
    """The outputs of the last update; ``WrongRequestError`` when they have no such member."""
    root = settings.find_project(cwd.resolve())
    settings.check_stack(root, stack)
    left = outputs.read_outputs(root, stack)
    if member and member not in left.members:
        raise WrongRequestError(f"stack {stack} has no member {member!r}; {suggestions.remedy(member, left.members)}")
    return left


def _say_unreachable(responses: Mapping[str, Any]) -> bool:
    from federation.operations.members.queries import Unreachable

    unreachable = {key: each for key, each in responses.items() if isinstance(each, Unreachable)}
    for key, each in unreachable.items():
        say(f"{key}: {each.reason}")
    return bool(unreachable)


def _tree(response: "list[Any] | Unreachable") -> dict[str, Any]:
    return {"items": response} if isinstance(response, list) else {"problem": response.reason}


def _seconds(text: str) -> int:
    read = re.fullmatch(r"([1-9][0-9]{0,6})([smh])", text)
    if read is None:
        raise WrongRequestError(f'--since "{text}" is not a time (allowed: 30s, 10m, 2h)')
    return int(read[1]) * UNITS[read[2]]
