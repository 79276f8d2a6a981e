"""Set the guard for this process and the `pulumi` that it starts, and read its findings.

The rules themselves are in ``federation.plan.changes.guarding``, where a user's own program has them too.
"""

import os
from collections.abc import Sequence

from federation.plan.changes.guarding import ALLOW, OFF, VARIABLE, UnknownSettingError, check, findings, to_tree

__all__ = ["ALLOW", "OFF", "VARIABLE", "UnknownSettingError", "allow_once", "check", "findings", "to_tree"]


def allow_once(targets: Sequence[str]) -> None:
    """Allow the loss of ``targets`` in this run, and in the `pulumi` that it starts."""
    if targets:
        os.environ[ALLOW] = ",".join([*filter(None, [os.environ.get(ALLOW, "")]), *targets])
