"""Import the messages of Pulumi's protocol without its SDK, so that a plugin starts quickly.

The messages are inside the SDK, and importing the SDK takes longer than everything else that a stand-in does at its
start. An engine starts one process for each provider of a program, at every command. So a plugin that needs only the
messages imports them without running the SDK's own `__init__` modules.
"""

import importlib.util
import sys
import types
from pathlib import Path


def without_the_sdk() -> None:
    """Make `pulumi.runtime.proto` importable by itself; call it before its first import.

    Nothing else of `pulumi` can be imported in this process afterwards. Does nothing if the SDK is loaded already.
    """
    if "pulumi" in sys.modules:
        return
    spec = importlib.util.find_spec("pulumi")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pulumi is not installed; install the project's requirements")
    folder = Path(spec.origin).parent
    for name, place in (("pulumi", folder), ("pulumi.runtime", folder / "runtime")):
        module = types.ModuleType(name)
        module.__path__ = [str(place)]
        sys.modules[name] = module
