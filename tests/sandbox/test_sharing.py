"""Files run beside each other on the same clusters: one that stops a cluster has it to itself."""

import re
from collections import defaultdict
from pathlib import Path

FILES = [path for path in Path(__file__).parent.rglob("*.py") if path != Path(__file__)]


def test_a_cluster_that_is_stopped_is_named_in_one_file_only() -> None:
    users = defaultdict(set)
    for path in FILES:
        for name in re.findall(r"""["'](lost-[\w{}-]+)["']""", path.read_text()):
            users[name].add(path.name)
    assert "lost-held" in users
    assert {name: files for name, files in users.items() if len(files) > 1} == {}
