"""The programs that the sandbox runs, by path."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolchain:
    """The paths of all programs and files of the sandbox's toolchain."""

    pulumi: Path
    kubernetes_provider: Path
    language_exec: Path
    etcd: Path
    kube_apiserver: Path
    kube_controller_manager: Path
    kube_scheduler: Path
    kwok: Path
    kwok_stages: Path
    kubectl: Path
