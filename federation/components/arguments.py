"""Plan a federation from the arguments of a Pulumi program.

Stacks of this project read settings and documents from files, so that every fault has its line. A user's own program
gives members and documents in Python. Both are planned here, against the state that the last update left: the same
checks, the same guard, the same plan.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Any, TypeAlias

import pulumi

from federation.api.config.stack import federation_from_config
from federation.api.model.cells import Cell
from federation.api.model.documents import Documents
from federation.api.model.members import DnsSettings, FederationSettings, GuardSettings, Member, PlanSettings
from federation.api.reading import loading
from federation.components import safety
from federation.components.aws import account
from federation.components.clusters import kubeconfig as kubeconfigs
from federation.components.clusters import sharing
from federation.components.kubernetes.objects import ConfigSecrets, KnownSecrets, Secrets
from federation.components.safety import PriorState
from federation.errors.fault import Fault, FaultsFoundError, FederationError, raise_if_errors
from federation.errors.report import described
from federation.errors.source import IN_PYTHON
from federation.plan import planner
from federation.plan.cells import slices
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from federation.plan.views import secret_keys

__all__ = ["FederationArgs", "Planned", "missing_secrets", "planned"]

Members: TypeAlias = Sequence[Member] | Mapping[str, Mapping[str, Any]]
Written: TypeAlias = Documents | Sequence[str | PathLike[str] | Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FederationArgs:
    """A federation to plan from ``members`` and ``documents``.

    ``settings`` replace members and all options when they are read already. With ``settings``, ``plan`` replaces the
    documents when they are planned already.

    ``members`` are ``Member`` values, or mappings by name as in a stack's config. ``documents`` are files and folders
    of YAML (relative to where the program runs), mappings made in Python, or ``Documents`` read before. ``name`` is
    what documents call ``domainRef``; "" takes the resource's own name. ``secrets`` resolves references to config; the
    default is the program's own config. ``observed`` is the state that the plan may depend on; its missing parts are
    read from the stack's state. The plan is compared with it within the limits of ``guard``. ``environment`` may turn
    the guard off for one run (EKS_FEDERATION_GUARD), or allow single losses (EKS_FEDERATION_ALLOW); the default is the
    environment of the process. With ``cell``, only the part of that cell is registered.
    """

    members: Members = ()
    documents: Written = ()
    name: str = ""
    zone: str = ""
    dns: DnsSettings = field(default_factory=DnsSettings)
    options: PlanSettings = field(default_factory=PlanSettings)
    guard: GuardSettings = field(default_factory=GuardSettings)
    role_arn: str = ""
    timeout_seconds: int = 300
    deletion_protection: bool = True
    allowed_account_ids: Sequence[str] = ()
    observed: Observed = field(default_factory=Observed)
    secrets: Secrets | None = None
    settings: FederationSettings | None = None
    plan: Plan | None = None
    cell: Cell | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """``settings`` hold the members, ``plan`` what they get; ``secrets`` resolves references to config. ``prior`` is
    the state before this update. ``part`` is what is registered: the whole plan, or the part of a ``cell``."""

    settings: FederationSettings
    plan: Plan
    part: Plan
    cell: Cell | None = None
    secrets: Secrets
    prior: PriorState = field(default_factory=PriorState)


def planned(name: str, args: FederationArgs) -> Planned:
    """The plan for ``args`` of the resource ``name``; warnings are logged.

    Raises ``pulumi.RunError`` before anything is registered, with every fault and every refusal of the guard. Each has
    its place and remedy.
    """
    if not _is_whole(args):
        msg = f"federation {name}: give either settings and plan, or members (or settings) and documents"
        raise pulumi.RunError(msg)
    secrets = args.secrets or ConfigSecrets(pulumi.Config())
    try:
        settings = args.settings or _settings(name, args)
        prior = safety.prior_state(name, settings, args.observed)
        plan = args.plan or planner.plan(settings, _documents(args), prior.observed)
        faults = _faults(settings, plan, secrets, prior.observed)
        safety.check_update(settings, plan, prior.observed, args.environment, faults)
        part, members = safety.observe_members(settings, _part(args, settings, plan, prior), prior)
    except FederationError as error:
        msg = f"federation {name} was not changed:\n{error}"
        raise pulumi.RunError(msg) from None
    return Planned(
        settings=settings,
        plan=plan if args.cell else part,
        part=part,
        cell=args.cell,
        secrets=secrets,
        prior=replace(prior, members=members),
    )


def _part(args: FederationArgs, settings: FederationSettings, plan: Plan, prior: PriorState) -> Plan:
    """The part of ``plan`` that is registered. Raises ``CellBlockedError`` where the cell must not go yet."""
    return slices.slice_of(plan, args.cell, settings, prior.observed) if args.cell else plan


def _is_whole(args: FederationArgs) -> bool:
    """Whether members and documents are each given exactly once."""
    if args.settings is None:
        return args.plan is None
    return not args.members and (args.plan is None) is not (args.documents == ())


def missing_secrets(plan: Plan, secrets: Secrets) -> tuple[Fault, ...]:
    """A fault for each reference to a missing secret; none where ``secrets`` cannot tell which keys it has."""
    if not isinstance(secrets, KnownSecrets):
        return ()
    present = {key for key in secret_keys.keys(plan) if secrets.has(key)}
    return secret_keys.faults_of_missing(plan, present, given=not isinstance(secrets, ConfigSecrets))


def _faults(settings: FederationSettings, plan: Plan, secrets: Secrets, observed: Observed) -> list[Fault]:
    """A fault for each missing secret, each kubeconfig context that is not found, each cluster that several members
    share, and each AWS account that differs from the account of existing resources."""
    faults = list(missing_secrets(plan, secrets))
    for member in settings.members:
        try:
            if member.provider == "kubeconfig":
                kubeconfigs.single_context(member.context, member.kubeconfig)
        except FaultsFoundError as error:
            faults += error.faults
    return list(dict.fromkeys([*faults, *sharing.faults(settings), *account.faults(settings, observed)]))


def _settings(name: str, args: FederationArgs) -> FederationSettings:
    """The settings, read as a stack's config is: with its checks, and its defaults for availability zones."""
    written = {
        "name": args.name or name,
        "zone": args.zone or None,
        "roleArn": args.role_arn or None,
        "timeoutSeconds": args.timeout_seconds,
        "deletionProtection": args.deletion_protection,
        "allowedAccountIds": list(args.allowed_account_ids),
    }
    return federation_from_config(
        written,
        _members(args.members),
        stack=pulumi.get_stack(),
        options={"plan": _given(args.options), "guard": _given(args.guard), "dns": _given(args.dns)},
    )


def _members(given: object) -> Mapping[str, Mapping[str, Any]]:
    """Members as a stack's config writes them, by name. Python checks no types, so a wrong type is a fault here."""
    if isinstance(given, Mapping):
        return given
    if isinstance(given, Member) or not isinstance(given, Iterable):
        message = f"must be a list of Member values, and is {described(given)}"
        raise FaultsFoundError([IN_PYTHON.fault(("members",), message, "write [Member(name=..., ...), ...]")])
    faults: list[Fault] = []
    first: dict[str, int] = {}
    by_name: dict[str, Mapping[str, Any]] = {}
    for index, member in enumerate(given):
        if not isinstance(member, Member):
            remedy = "write Member(name=..., ...); mappings are given by name: {<name>: {...}, ...}"
            message = f"must be a Member, and is {described(member)}"
            faults.append(IN_PYTHON.fault(("members", index), message, remedy))
        elif first.setdefault(member.name, index) != index:
            message = f'"{member.name}" is the name of members[{first[member.name]}] already'
            faults.append(IN_PYTHON.fault(("members", index, "name"), message, "give each member a name of its own"))
        else:
            by_name[member.name] = _given(member, exclude={"name"})
    raise_if_errors(faults)
    return by_name


def _given(
    value: Member | PlanSettings | GuardSettings | DnsSettings, *, exclude: set[str] | None = None
) -> dict[str, Any]:
    return value.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=exclude)


def _documents(args: FederationArgs) -> Documents:
    if isinstance(args.documents, Documents):
        return args.documents
    return loading.collect_documents(args.documents, strictness=args.options.strictness)
