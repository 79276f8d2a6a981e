"""The program of every stack. It uses nothing that a user's own program could not."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from federation import Federation, FederationArgs
from federation.components.objects import ConfigSecrets
from federation.errors import FederationError
from federation.plan import planner
from federation.plan.result import Plan
from stacks import settings

__all__ = ["run"]


def run(root: Path) -> None:
    """Plan the selected stack of the project at ``root`` and register everything in the plan.

    Faults in config or documents end the program before anything is registered, each with its place and remedy.
    """
    try:
        stack = settings.read(root, pulumi.get_stack(), _config())
        plan = planner.plan(stack.federation, stack.documents)
    except FederationError as error:
        raise pulumi.RunError(f"nothing was touched:\n{error}") from None
    for warning in plan.warnings:
        pulumi.log.warn(str(warning))
    federation = Federation(
        stack.federation.name,
        FederationArgs(settings=stack.federation, plan=plan, secrets=ConfigSecrets(pulumi.Config())),
    )
    _export(federation, plan)


def _config() -> Mapping[str, Any]:
    """What Pulumi holds for the program's keys: the stack's file, and what the command line put over it."""
    config = pulumi.Config()
    values = {key: config.get_object(key) for key in settings.KEYS}
    return {key: value for key, value in values.items() if value is not None}


def _export(federation: Federation, plan: Plan) -> None:
    balancers = {
        member.name: {
            f"{each.namespace}/{each.name}": federation.objects[each.logical_name].status
            for each in member.objects
            if each.load_balancer
        }
        for member in plan.members
    }
    pulumi.export(
        "members",
        {
            name: {
                "region": membership.member.region,
                "endpoint": membership.endpoint,
                "loadBalancers": {key: status.apply(_hostname) for key, status in balancers[name].items()},
            }
            for name, membership in federation.memberships.items()
        },
    )
    pulumi.export("kubeconfigs", {name: each.kubeconfig for name, each in federation.memberships.items()})
    pulumi.export("dnsNames", sorted({record.name for record in plan.records if record.routing is None}))
    if federation.dns is not None:
        pulumi.export("zoneId", federation.dns.zone_id)
        pulumi.export("nameServers", federation.dns.name_servers)
    pulumi.export("planDigest", plan.digest)


def _hostname(status: object) -> str:
    match status:
        case {"loadBalancer": {"ingress": [{"hostname": str(hostname)}, *_]}}:
            return hostname
        case {"loadBalancer": {"ingress": [{"ip": str(address)}, *_]}}:
            return address
    return ""
