"""A plugin imports the protocol's messages without the SDK."""

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from sandbox.plugins import protocol
protocol.without_the_sdk()
import sandbox.plugins.{plugin}.servicer, sandbox.plugins.server
print([name for name in ("pulumi.resource", "rich", "httpx") if name in sys.modules])
"""


@pytest.mark.parametrize("plugin", ["aws", "language"])
def test_a_plugin_starts_without_the_sdk(plugin: str) -> None:
    command = [sys.executable, "-c", SCRIPT.format(plugin=plugin)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
