"""Members are asked in several threads: none of them may meet what another has half worked out."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# In a process of its own: what goes wrong here ends the process.
RACE = """
import sys, threading
sys.setswitchinterval(1e-6)
from lightkube.core import decoders
from federation.components import access

KINDS = [f"Kind{number}" for number in range(60)]
LISTED = b'{"items": [{"metadata": {"name": "x"}}], "metadata": {"resourceVersion": "1"}}'
REFUSED = b'{"details": {"name": "x", "causes": [{"reason": "Conflict", "field": "f"}]}, "code": 409}'
together = threading.Barrier(8)

def ask():
    together.wait()
    for kind in KINDS:
        resource = access.resource("example.com/v1", kind, namespaced=True)
        assert len(decoders.decode_list(LISTED, resource)[2]) == 1
        assert decoders.decode_status(REFUSED).code == 409

threads = [threading.Thread(target=ask) for _ in range(8)]
[each.start() for each in threads]
[each.join() for each in threads]
"""


def test_answers_are_read_in_eight_threads_at_once() -> None:
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", RACE], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
