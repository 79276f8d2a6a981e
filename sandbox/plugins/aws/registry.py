"""List the resource types that the stand-in implements."""

from collections.abc import Mapping
from typing import Final

from sandbox.plugins.aws.resources import (
    access,
    addons,
    buckets,
    clusters,
    group_rules,
    health_checks,
    launch_templates,
    nat,
    node_groups,
    policies,
    records,
    roles,
    routing,
    security_groups,
    vpcs,
    zones,
)
from sandbox.plugins.aws.schema import ResourceType

_MODULES: Final = (
    vpcs,
    routing,
    nat,
    security_groups,
    group_rules,
    launch_templates,
    roles,
    policies,
    clusters,
    node_groups,
    access,
    addons,
    zones,
    records,
    health_checks,
    buckets,
)
RESOURCE_TYPES: Final[Mapping[str, ResourceType]] = {kind.name: kind for module in _MODULES for kind in module.TYPES}
"""Every type by its token."""


def resource_type(token: str) -> ResourceType | None:
    """Return a type by its token; None when it is not known."""
    return RESOURCE_TYPES.get(token)
