"""Report the installed SDK's version as the plugin's, because programs request that one from the engine."""

import importlib.util
import json
from functools import cache
from pathlib import Path


@cache
def sdk_version(package: str = "pulumi_aws") -> str:
    """Return the version in an SDK's `pulumi-plugin.json`, without importing the SDK.

    Raises `LookupError` when the SDK is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise LookupError(f"{package} is not installed in this Python")
    described = json.loads((Path(spec.origin).parent / "pulumi-plugin.json").read_text(encoding="utf-8"))
    return str(described["version"])
