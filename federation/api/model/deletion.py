"""Read the annotations that decide what happens to objects when their document is removed.

``kubefed.io/orphan: "true"`` leaves the objects in place and removes their managed label. The value of
``kubefed.io/deleteoption``, Kubernetes' own ``DeleteOptions`` as JSON, is sent with the deletion.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

from federation.errors import suggestions
from federation.errors.report import Report
from federation.errors.source import PathKey

__all__ = ["AS_USUAL", "Deletion", "Propagation", "read_deletion"]

Propagation = Literal["", "Background", "Foreground", "Orphan"]

ORPHAN: Final = "kubefed.io/orphan"
OPTIONS: Final = "kubefed.io/deleteoption"
POLICIES: Final = ("Background", "Foreground", "Orphan")
NOT_CARRIED_OUT: Final = ("dryRun", "gracePeriodSeconds", "orphanDependents", "preconditions")
BOOKKEEPING: Final = ("apiVersion", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """``orphan``: the objects stay. ``propagation`` is the policy of their deletion, "" for the default."""

    orphan: bool = False
    propagation: Propagation = ""


AS_USUAL: Final = Deletion()


def read_deletion(annotations: Mapping[str, str], report: Report) -> Deletion:
    """The deletion settings in the annotations of a federated document; faults are added to ``report``."""
    orphan = annotations.get(ORPHAN, "false")
    if orphan not in ("true", "false"):
        message = f"{report.quoted(orphan)} is neither true nor false, so the objects would be deleted"
        report.error(("metadata", "annotations", ORPHAN), message, 'write "true" or "false"', tolerated=True)
    options = annotations.get(OPTIONS, "")
    return Deletion(orphan=orphan == "true", propagation=_propagation(options, report) if options else "")


def _propagation(text: str, report: Report) -> Propagation:
    at: PathKey = ("metadata", "annotations", OPTIONS)
    try:
        options = json.loads(text)
    except (RecursionError, ValueError):
        options = None
    if not isinstance(options, dict):
        report.error(
            at, "this is not a JSON object", """write DeleteOptions such as '{"propagationPolicy": "Orphan"}'"""
        )
        return ""
    for key in sorted(options.keys() - {"propagationPolicy", *BOOKKEEPING}):
        if key in NOT_CARRIED_OUT:
            message = f"{key} is not carried out: the engine deletes without it"
            report.warning(at, message, "leave it out; only propagationPolicy goes with the deletion")
        else:
            allowed = ("propagationPolicy", *NOT_CARRIED_OUT)
            report.error(at, f"{report.quoted(key)} is not a field of DeleteOptions", suggestions.remedy(key, allowed))
    policy = options.get("propagationPolicy", "")
    if policy in ("", *POLICIES):
        return cast("Propagation", policy)
    report.error(at, f"{report.quoted(policy)} is not a propagationPolicy", suggestions.remedy(str(policy), POLICIES))
    return ""
