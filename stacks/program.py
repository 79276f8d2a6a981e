"""The program of every stack. It uses nothing that a user's own program could not."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pulumi

from federation import Federation, FederationArgs
from federation.components import identity, last_update, takers
from federation.components.arguments import missing_secrets
from federation.components.last_update import LastUpdate
from federation.components.objects import ConfigSecrets
from federation.errors import Fault, FederationError, raise_if_errors
from federation.plan import held_index, identities, injections, load_balancers, planner
from federation.plan.changes import record_changes, renames, replacements
from federation.plan.changes.renames import Renames
from federation.plan.elsewhere import elsewhere
from federation.plan.held_index import IndexEntry
from federation.plan.identities import Replaced
from federation.plan.observed import Observed
from federation.plan.result import MemberPlan, Plan
from stacks import facts, guarding, notices, observe, settings

__all__ = ["run"]

BALANCED: Final = {"kubernetes:core/v1:Service": "", "kubernetes:networking.k8s.io/v1:Ingress": "Ingress/"}
"""Types that may have a load balancer, and what the output says before their names."""


def run(root: Path) -> None:
    """Plan the selected stack of the project at ``root`` and register everything in the plan.

    Faults in config or documents, and what the guard refuses, end the program before anything is registered, each with
    its place and remedy.
    """
    try:
        secrets = ConfigSecrets(pulumi.Config())
        stack = settings.read(root, pulumi.get_stack(), _config())
        renamed = Renames.of(stack.federation)
        last = last_update.read().by(renamed)
        seen_before = facts.read(root, stack.name)
        _tell_facts(stack, seen_before)
        looked = replace(last_update.observe(last, renamed), identities=identity.of(stack.federation, root))
        observed = renamed.observed(facts.applied(looked, seen_before))
        plan = planner.plan(stack.federation, stack.documents, observed)
        raise_if_errors(missing_secrets(plan, secrets))
        passed = guarding.check(stack.federation, plan, observed, os.environ)
        _tell(plan, passed, identities.accepted(stack.federation, observed))
        for line in renames.lines(observed):
            pulumi.log.info(line)
        moved = identities.moved(observed)
        seen = observe.look(plan, observe.reached(stack.federation, root, last.kubeconfigs, moved), moved)
        raise_if_errors(observe.faults(seen))
        plan = _injected(plan, last, observed, seen)
        federation = Federation(
            stack.federation.name,
            FederationArgs(settings=stack.federation, plan=plan, secrets=secrets),
        )
    except FederationError as error:
        raise pulumi.RunError(str(error)) from None
    _export(federation, plan)
    index = observe.index(plan, last.index, seen)
    pulumi.export(last_update.INDEX, {name: _index(federation, last, name, entries) for name, entries in index.items()})
    if not pulumi.runtime.is_dry_run():
        notices.fail_at_the_end(federation, plan, last, seen)


def _injected(plan: Plan, last: LastUpdate, observed: Observed, seen: observe.Seen) -> Plan:
    """Tell what this update does to others' fields; ``plan`` with the values that others have injected.

    In a member that has moved all is made anew. The whole state is read only where others own something.
    """
    moved = identities.moved(observed)
    registered = {name: each for name, each in (observed.registered or {}).items() if name not in moved}
    resources: Mapping[str, Mapping[str, Any]] = last_update.resources() if seen.takeovers else {}
    resources = {Renames.of(plan).logical_name(urn): tree for urn, tree in resources.items()}
    updates = observe.updates(plan, registered, seen.takeovers, resources)
    notices.tell(plan, last, seen, updates)
    for each in injections.unread(plan, seen.injected, registered, seen.silent):
        pulumi.log.warn(str(each).removeprefix("warning: "))
    return injections.applied(plan, seen.injected, registered, updates.names)


def _tell(plan: Plan, passed: Sequence[Fault], replaced: Sequence[Replaced]) -> None:
    for warning in (*plan.warnings, *passed, *replaced):
        pulumi.log.warn(str(warning).removeprefix("warning: "))
    for line in elsewhere(plan):
        pulumi.log.info(line)


def _tell_facts(stack: settings.Stack, found: facts.Facts | None) -> None:
    limit = timedelta(minutes=stack.federation.plan.facts_max_age_minutes)
    line, is_stale = facts.told(found, facts.now(), limit)
    if line:
        (pulumi.log.warn if is_stale else pulumi.log.info)(line)


def _config() -> Mapping[str, Any]:
    """What Pulumi holds for the program's keys: the stack's file, and what the command line put over it."""
    config = pulumi.Config()
    values = {key: config.get_object(key) for key in settings.KEYS}
    return {key: value for key, value in values.items() if value is not None}


def _export(federation: Federation, plan: Plan) -> None:
    balancers = {member.name: _balancers(federation, member) for member in plan.members}
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
    pulumi.export(last_update.IDENTITIES, _identities(federation))
    if roles := _roles(federation):
        pulumi.export(last_update.ROLES, roles)
    pulumi.export(last_update.KUBECONFIGS, {name: each.kubeconfig for name, each in federation.memberships.items()})
    pulumi.export(last_update.DNS_NAMES, sorted({record.name for record in plan.records if record.routing is None}))
    pulumi.export(last_update.RECORDS, record_changes.to_text(plan.records))
    if federation.dns is not None:
        pulumi.export("zoneId", federation.dns.zone_id)
        pulumi.export(last_update.ZONE, federation.dns.own_zone)
        pulumi.export("nameServers", federation.dns.name_servers)
    if on_hold := [member for member in plan.members if not member.available]:
        tree = {member.name: {"pending": member.pending, "kept": list(member.kept)} for member in on_hold}
        pulumi.export(last_update.HELD, tree)
    pulumi.export("planDigest", plan.digest)


def _roles(federation: Federation) -> Mapping[str, str]:
    """The role that has deployed each ``eks`` member, "" for none; for `fed plan`, as identities are."""
    clusters = Renames.of(federation.plan).keyed(last_update.standing().clusters)
    before = {name: each.role_arn for name, each in clusters.items() if each.role_arn is not None}
    made = [each.member for each in federation.memberships.values() if each.member.provider == "eks"]
    now = {member.name: federation.role_arn for member in made if member.available}
    return {**{member.name: before[member.name] for member in made if member.name in before}, **now}


def _identities(federation: Federation) -> pulumi.Input[Mapping[str, str]]:
    """What the state knows of the members' clusters after this update; for `fed plan`, which has no engine to ask."""
    told = {name: each.identity for name, each in federation.memberships.items()}
    return pulumi.Output.all(**told).apply(_named) if told else {}


def _index(federation: Federation, last: LastUpdate, member: str, entries: Sequence[IndexEntry]) -> pulumi.Input[str]:
    """The index of one member. What failed is in it as it was, and marked: the next plan is to know that it is still to
    be done."""
    if pulumi.runtime.is_dry_run():
        return held_index.to_text(entries)

    before = {each.logical_name: each for some in last.index.values() for each in some}

    async def told() -> str:
        done = [
            name not in federation.objects or await federation.objects[name].succeeded()
            for name in (each.logical_name for each in entries)
        ]
        found = [
            entry if well else replacements.failed(entry, before.get(entry.logical_name))
            for entry, well in zip(entries, done, strict=True)
        ]
        kept = await _kept(federation, member)
        return held_index.to_text([*found, *(before[name] for name in kept if name in before)])

    return pulumi.Output.from_input(told())


async def _kept(federation: Federation, member: str) -> list[str]:
    """What stays in a member that it was to leave, since those that take over are not ready."""
    moves = [move for move in federation.plan.moves if member in move.leavers]
    return [f"{member}/{move.document}" for move in moves if await takers.unready(move, federation.objects)]


def _balancers(federation: Federation, member: MemberPlan) -> pulumi.Input[Mapping[str, pulumi.Input[str]]]:
    """Hostnames by ``namespace/service`` and ``namespace/Ingress/name``; as they last were of what stays as it is."""
    found = {
        f"{each.namespace}/{BALANCED[each.token]}{each.name}": federation.objects[each.logical_name]
        for each in member.index or ()
        if each.token in BALANCED
    }
    addresses = {key: each.status.apply(load_balancers.address) for key, each in found.items()}
    # Without arguments, Output.all makes a list.
    return pulumi.Output.all(**addresses).apply(_named) if addresses else {}


def _named(found: Mapping[str, str]) -> dict[str, str]:
    return {key: name for key, name in found.items() if name}
