"""Store what the sandbox keeps of a cluster beyond what moto does.

The data is attached to moto's own cluster object. So it has the cluster's lifetime, and belongs to the right account
and region without another registry.
"""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.eks import exceptions
from moto.eks.responses import EKSResponse

from sandbox.aws import services
from sandbox.aws.contract import ClusterKey
from sandbox.aws.services import Services

PARTITION_ARN = "arn:aws:eks:{region}:{account}:{kind}/{rest}"


@dataclass(slots=True, kw_only=True)
class ClusterExtras:
    """One cluster's access entries, add-ons, pod identity associations and updates, by their keys in the API."""

    deleting: bool = False
    access_entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    access_policies: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    addons: dict[str, dict[str, Any]] = field(default_factory=dict)
    associations: dict[str, dict[str, Any]] = field(default_factory=dict)
    updates: dict[str, dict[str, Any]] = field(default_factory=dict)


class EksCalls(EKSResponse):  # type: ignore[misc] # moto is not followed by mypy
    """The parts that all EKS calls share: parameters by botocore's model, the request's cluster, its extras."""

    def __init__(self) -> None:
        super().__init__()
        self.automated_parameter_parsing = True

    @property
    def _services(self) -> Services:
        return services.of(self)

    def _key(self, name: str) -> ClusterKey:
        return ClusterKey(account=self.current_account, region=self.region, name=name)

    def _cluster(self) -> Any:
        """Return moto's cluster that the request names; ResourceNotFoundException if there is none."""
        return self.eks_backend.describe_cluster(self._get_param("name") or self._get_param("clusterName"))

    def _extras(self) -> ClusterExtras:
        extras: ClusterExtras = self._cluster().sandbox
        return extras

    def _active_cluster(self) -> Any:
        """Return the cluster, if it accepts changes now."""
        cluster = self._cluster()
        if cluster.status != "ACTIVE":
            raise invalid_request(
                f"Cluster '{cluster.name}' is not in ACTIVE status: it is {cluster.status}", cluster=cluster.name
            )
        return cluster

    def _arn(self, kind: str, *rest: str) -> str:
        return PARTITION_ARN.format(region=self.region, account=self.current_account, kind=kind, rest="/".join(rest))


def now() -> datetime:
    """Return the current time, in the form that moto's serialisers accept."""
    return datetime.now(UTC)


def record_update(extras: ClusterExtras, kind: str, params: dict[str, Any]) -> dict[str, Any]:
    """Keep and return an EKS update; all of them succeed at once here."""
    update: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "status": "Successful",
        "type": kind,
        "params": [{"type": name, "value": str(value)} for name, value in params.items()],
        "createdAt": now(),
        "errors": [],
    }
    extras.updates[update["id"]] = update
    return update


def not_found(message: str, *, cluster: str = "") -> Exception:
    """Make EKS's ResourceNotFoundException."""
    error: Exception = exceptions.ResourceNotFoundException(clusterName=cluster or None, message=message)
    return error


def in_use(message: str, *, cluster: str = "") -> Exception:
    """Make EKS's ResourceInUseException."""
    error: Exception = exceptions.ResourceInUseException(clusterName=cluster or None, message=message)
    return error


def invalid_parameter(message: str, *, cluster: str = "") -> Exception:
    """Make EKS's InvalidParameterException."""
    error: Exception = exceptions.InvalidParameterException(clusterName=cluster or None, message=message)
    return error


def invalid_request(message: str, *, cluster: str = "") -> Exception:
    """Make EKS's InvalidRequestException."""
    error: Exception = exceptions.InvalidRequestException(clusterName=cluster or None, message=message)
    return error
