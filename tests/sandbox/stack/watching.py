"""Record every value that a field of a live object takes, by a watch of the API server."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock, Thread
from typing import IO, Any

from tests.sandbox.stack.harness import Project, context

__all__ = ["ReadyReplicas", "Watch", "ready_replicas", "watched"]


class Watch:
    """The objects that a watch has written so far, each as the tree it was."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def objects(self) -> list[dict[str, Any]]:
        decoder, text, found = json.JSONDecoder(), self._path.read_text(), []
        at = 0
        while text[at:].strip():
            start = at + len(text[at:]) - len(text[at:].lstrip())
            tree, at = decoder.raw_decode(text, start)
            found.append(tree)
        return found

    def replicas(self) -> list[int]:
        """`spec.replicas`, each value once in a row."""
        values = [each["spec"]["replicas"] for each in self.objects()]
        return [value for index, value in enumerate(values) if index == 0 or values[index - 1] != value]


@contextmanager
def watched(project: Project, member: str, *arguments: str) -> Iterator[Watch]:
    """Watch an object of a member while the body runs."""
    cluster = project.clusters[member]
    path = project.folder / f"watch-{member}.json"
    command = ["kubectl", "--kubeconfig", str(cluster.kubeconfig), "--context", context(cluster), "get", *arguments]
    with path.open("w") as out:
        process = subprocess.Popen([*command, "-w", "-o", "json"], env=dict(project.environment), stdout=out)
        try:
            yield Watch(path)
        finally:
            process.terminate()
            process.wait()


class ReadyReplicas:
    """The ready replicas of one Deployment in all members; each event is a moment with its total over them all."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_member: dict[str, int] = {}
        self._moments: list[int] = []

    def read(self, member: str, name: str, stream: IO[str]) -> None:
        """Take in the events of one member to the end of their stream."""
        for line in stream:
            event = json.loads(line)
            if event["object"]["metadata"]["name"] == name:
                is_gone = event["type"] == "DELETED"
                with self._lock:
                    self._by_member[member] = 0 if is_gone else event["object"]["status"].get("readyReplicas", 0)
                    self._moments.append(sum(self._by_member.values()))

    def now(self) -> dict[str, int]:
        """The replicas by member that has any."""
        with self._lock:
            return {name: count for name, count in sorted(self._by_member.items()) if count}

    def start(self) -> None:
        """Forget all moments before this one."""
        with self._lock:
            self._moments = [sum(self._by_member.values())]

    def fewest(self) -> int:
        """The smallest total since the start."""
        with self._lock:
            return min(self._moments)


@contextmanager
def ready_replicas(project: Project, namespace: str, name: str) -> Iterator[ReadyReplicas]:
    """Watch a Deployment in all members while the body runs."""
    found = ReadyReplicas()
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments?watch=1"
    with ExitStack() as stack:
        for member, cluster in project.clusters.items():
            chosen = ["--kubeconfig", str(cluster.kubeconfig), "--context", context(cluster)]
            process = stack.enter_context(
                subprocess.Popen(
                    ["kubectl", *chosen, "get", "--raw", path],
                    env=dict(project.environment),
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            assert process.stdout is not None
            reader = Thread(target=found.read, args=(member, name, process.stdout))
            reader.start()
            # In this order: the process ends, and with it the stream and its reader.
            stack.callback(reader.join)
            stack.callback(process.terminate)
        yield found
