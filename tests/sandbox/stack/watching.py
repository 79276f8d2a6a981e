"""What values did a field of a live object take, one after another? The API server tells every one of them."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.sandbox.stack.harness import Project, context

__all__ = ["Watch", "watched"]


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
