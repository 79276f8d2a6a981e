"""List the Kubernetes versions that a cluster may request.

The API server that runs is one version, whatever was requested. The API still accepts EKS's range and moves through it
as EKS does, so that a program's upgrade path can be tried.
"""

from sandbox.aws.eks.store import invalid_parameter

SUPPORTED = ("1.30", "1.31", "1.32", "1.33", "1.34")
DEFAULT = SUPPORTED[-1]
RUNS = "1.34.2"
"""What the sandbox's API servers really are."""


def checked(requested: str | None) -> str:
    """Return the version to create a cluster with; InvalidParameterException for one that is not offered."""
    if requested is None:
        return DEFAULT
    if requested not in SUPPORTED:
        raise invalid_parameter(
            f"unsupported Kubernetes version {requested}: the sandbox takes {', '.join(SUPPORTED)} (and runs {RUNS})"
        )
    return requested


def check_step(now: str, wanted: str, cluster: str) -> None:
    """Refuse an update that is not one minor version forward."""
    if wanted not in SUPPORTED or SUPPORTED.index(wanted) != SUPPORTED.index(now) + 1:
        raise invalid_parameter(
            f"Unsupported Kubernetes minor version update from {now} to {wanted}: one minor version forward at a time, "
            f"up to {SUPPORTED[-1]}",
            cluster=cluster,
        )


def release_of(version: str) -> str:
    """Return the machine image release of a node group of that version."""
    return f"{version}.2-20251112"
