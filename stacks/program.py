"""The program of every stack; it uses nothing that a user's own program could not use.

Files, settings and the observed state are read here. All that keeps an update safe is in the library, see
``federation.components``.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pulumi

from federation import Federation, FederationArgs
from federation.components import last_update
from federation.components.cells import FederationCell
from federation.components.kubernetes import orphans
from federation.errors.fault import FederationError
from federation.operations import destroy_program
from federation.operations.cells.program_digest import digest_program
from federation.operations.project import cells, observed_state, settings
from federation.plan.cells import cell_outputs
from federation.plan.cells.digests import digest_cell
from federation.plan.dns import load_balancers
from federation.plan.model.observed import Observed
from federation.plan.model.plan import AliasTarget, MemberPlan, RecordSet

__all__ = ["run"]

BALANCED: Final = {"kubernetes:core/v1:Service": "", "kubernetes:networking.k8s.io/v1:Ingress": "Ingress/"}
"""Types that may have a load balancer, and the prefix of their names in the output."""


def run(root: Path) -> None:
    """Plan the selected stack of the project at ``root``, where the program runs, and register everything in the plan.

    Faults in config or documents, and what the guard refuses, end the program before anything is registered, each with
    its place and remedy. While the stack is destroyed, nothing is planned or registered.
    """
    if _is_destroyed():
        _register_release_hook()
        return
    cell = cells.find_cell_of_stack(root, pulumi.get_stack())
    try:
        stack = settings.read_stack(root, cell.environment if cell else pulumi.get_stack(), _config())
        recorded = observed_state.read_observed_state(root, stack.name)
        _log_age_of_observed_state(stack, recorded)
        observed = observed_state.add_to(Observed(), recorded)
        args = FederationArgs(settings=stack.federation, documents=stack.documents, observed=observed, cell=cell)
        federation = (FederationCell if cell else Federation)(stack.federation.name, args)
    except FederationError as error:
        raise pulumi.RunError(str(error)) from None
    _export(federation)
    if cell and isinstance(federation, FederationCell):
        _export_cell(federation, digest_cell(cell, federation.part, stack.federation, digest_program(root)))


def _is_destroyed() -> bool:
    """Whether `fed destroy` runs this, see `destroy_program`."""
    token = os.environ.get(destroy_program.VARIABLE, "")
    return bool(token) and pulumi.Config().get(destroy_program.KEY) == token


def _register_release_hook() -> None:
    """Register the hook for orphans alone. The state has the kubeconfigs of their members."""
    try:
        kubeconfigs = last_update.engine_state().kubeconfigs
    except FederationError as error:
        raise pulumi.RunError(str(error)) from None

    async def kubeconfig(member: str) -> str:
        return kubeconfigs.get(member, "")

    orphans.release_hook(kubeconfig)


def _log_age_of_observed_state(stack: settings.Stack, recorded: observed_state.ObservedState | None) -> None:
    limit = timedelta(minutes=stack.federation.plan.facts_max_age_minutes)
    line, is_stale = observed_state.describe_age(recorded, observed_state.now(), limit)
    if line:
        (pulumi.log.warn if is_stale else pulumi.log.info)(line)


def _config() -> Mapping[str, Any]:
    """Pulumi's values of the program's keys: from the stack's file, overridden by the command line."""
    config = pulumi.Config()
    values = {key: config.get_object(key) for key in settings.KEYS}
    return {key: value for key, value in values.items() if value is not None}


def _export(federation: Federation) -> None:
    """Export the outputs for people and other commands; the component itself has those for the next update."""
    balancers = {member.name: _balancers(federation, member) for member in federation.part.members}
    pulumi.export(
        "members",
        {
            name: {
                "region": membership.member.region,
                "endpoint": membership.endpoint,
                "loadBalancers": balancers[name],
            }
            for name, membership in federation.memberships.items()
        },
    )
    pulumi.export(last_update.KUBECONFIGS, {name: each.kubeconfig for name, each in federation.memberships.items()})
    pulumi.export("dnsNames", {each.name: _target(each) for each in federation.part.records if each.routing is None})
    if federation.dns is not None:
        pulumi.export("zoneId", federation.dns.zone_id)
        pulumi.export("zone", federation.dns.own_zone)
        pulumi.export("nameServers", federation.dns.name_servers)
    if quarantined := [member for member in federation.plan.members if not member.available]:
        tree = {member.name: {"pending": member.pending, "kept": list(member.kept)} for member in quarantined}
        pulumi.export("quarantined", tree)
    pulumi.export("planDigest", federation.plan.digest)


def _export_cell(federation: FederationCell, digest: str) -> None:
    """Export what other cells read of this one, and the digest by which `fed up` knows that nothing has changed."""
    pulumi.export(cell_outputs.DIGEST, digest)
    pulumi.export(cell_outputs.PUBLISHED, dict(federation.published))
    if federation.cluster is not None:
        pulumi.export(cell_outputs.CLUSTER, dict(federation.cluster))
    for member in federation.part.members:
        pulumi.export(cell_outputs.BALANCERS, _balancers(federation, member))


def _target(record: RecordSet) -> str:
    """The target of a public name. By name, a preview shows which name is new; a list would show positions."""
    return record.target.name if isinstance(record.target, AliasTarget) else record.target.shown


def _balancers(federation: Federation, member: MemberPlan) -> pulumi.Input[Mapping[str, pulumi.Input[str]]]:
    """Hostnames by ``namespace/service`` and ``namespace/Ingress/name``; quarantined objects have their last ones."""
    objects = {
        f"{each.namespace}/{BALANCED[each.token]}{each.name}": federation.objects[each.logical_name]
        for each in member.index or ()
        if each.token in BALANCED
    }
    addresses = {key: each.status.apply(load_balancers.address) for key, each in objects.items()}
    # Without arguments, Output.all makes a list.
    return pulumi.Output.all(**addresses).apply(_named) if addresses else {}


def _named(addresses: Mapping[str, str]) -> dict[str, str]:
    return {key: name for key, name in addresses.items() if name}
