"""Members are read in several threads: no thread meets a type that another has registered, or resolved in part."""

import subprocess
import sys

from tests.places import ROOT

# In a process of its own: what goes wrong here ends the process.
RACE = """
import json, sys, threading
from concurrent.futures import ThreadPoolExecutor
sys.setswitchinterval(1e-6)
from lightkube.core import decoders
from federation.components.clusters import api_client

KINDS = [(version, f"Kind{number}") for version in ("example.com/v1", "v1") for number in range(40)]
CONFIG = json.dumps({
    "current-context": "x",
    "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
    "clusters": [{"name": "c", "cluster": {"server": "https://x", "certificate-authority-data": "YQ=="}}],
    "users": [{"name": "u", "user": {"client-certificate-data": "YQ==", "client-key-data": "YQ=="}}],
})
LISTED = b'{"items": [{"metadata": {"name": "x"}}], "metadata": {"resourceVersion": "1"}}'
REFUSED = b'{"details": {"name": "x", "causes": [{"reason": "Conflict", "field": "f"}]}, "code": 409}'
together = threading.Barrier(8)

def ask():
    together.wait()
    assert api_client.config(CONFIG).user.client_key_data == "YQ=="
    for version, kind in KINDS:
        resource = api_client.resource(version, kind, namespaced=True)
        assert len(decoders.decode_list(LISTED, resource)[2]) == 1
        assert decoders.decode_status(REFUSED).code == 409

with ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda _: ask(), range(8)))
"""


def test_kubeconfigs_and_answers_are_read_in_eight_threads_at_once() -> None:
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", RACE], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
