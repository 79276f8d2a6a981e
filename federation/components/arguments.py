"""What does a program say of its federation, and what is planned from it?

Stacks of this project come with a plan made from files, so that every fault has its line. A program of one's own says
members and documents in Python and has it planned here: the same reading, the same checks, the same plan.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, TypeAlias

import pulumi

from federation.api import loading
from federation.api.documents import Documents
from federation.api.members import DnsSettings, GuardSettings, Member, PlanSettings
from federation.api.members import Federation as FederationSettings
from federation.api.report import described
from federation.api.settings import federation_from_config
from federation.api.source import IN_PYTHON
from federation.components import account, last_update, sharing
from federation.components import kubeconfig as kubeconfigs
from federation.components.objects import ConfigSecrets, KnownSecrets, Secrets
from federation.errors import Fault, FaultsFoundError, FederationError, raise_if_errors
from federation.plan import guard, planner, references
from federation.plan.changes import dead_ends
from federation.plan.changes.renames import Renames
from federation.plan.elsewhere import elsewhere
from federation.plan.observed import Observed
from federation.plan.result import Plan

__all__ = ["FederationArgs", "Planned", "missing_secrets", "planned"]

Members: TypeAlias = Sequence[Member] | Mapping[str, Mapping[str, Any]]
Written: TypeAlias = Documents | Sequence[str | PathLike[str] | Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FederationArgs:
    """A federation to plan from ``members`` and ``documents``, or (``settings``, ``plan``) one that is planned already.

    ``members`` are ``Member`` values, or what a stack's config says of them, by name. ``documents`` are files and
    folders of YAML (relative to where the program runs), mappings made in Python, or ``Documents`` read before.
    ``name`` is what documents call ``domainRef``, the resource's own name where it is "". ``secrets`` resolves
    references to config: the program's own, by default. ``observed`` are facts that the plan may depend on; with what
    is ``registered`` among them, the plan is held against that within the limits of ``guard``.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """``settings`` say which members there are, ``plan`` what they get; ``secrets`` resolves references to config."""

    settings: FederationSettings
    plan: Plan
    secrets: Secrets


def planned(name: str, args: FederationArgs) -> Planned:
    """The plan for ``args`` of the resource ``name``; warnings are logged.

    ``pulumi.RunError`` with every fault, each with its place and remedy, before anything is registered.
    """
    secrets = args.secrets or ConfigSecrets(pulumi.Config())
    if args.plan is not None or args.settings is not None:
        if args.plan is None or args.settings is None or args.members or args.documents:
            msg = f"federation {name}: give either settings and plan, or members and documents"
            raise pulumi.RunError(msg)
        return _checked(name, Planned(settings=args.settings, plan=args.plan, secrets=secrets))
    try:
        settings = _settings(name, args)
        documents = _documents(args)
        known = last_update.completed(args.observed, Renames.of(settings))
        plan = planner.plan(settings, documents, known)
        raise_if_errors([*guard.refusals(settings, plan, args.observed), *dead_ends.refusals(settings, plan, known)])
    except FederationError as error:
        msg = f"nothing of federation {name} was touched:\n{error}"
        raise pulumi.RunError(msg) from None
    made = _checked(name, Planned(settings=settings, plan=plan, secrets=secrets))
    for warning in plan.warnings:
        pulumi.log.warn(str(warning))
    for line in elsewhere(plan):
        pulumi.log.info(line)
    return made


def missing_secrets(plan: Plan, secrets: Secrets) -> tuple[Fault, ...]:
    """A fault for each reference to a secret that is not there; none where nobody knows which ``secrets`` has."""
    if not isinstance(secrets, KnownSecrets):
        return ()
    present = {key for key in references.keys(plan) if secrets.has(key)}
    return references.faults_of_missing(plan, present, given=not isinstance(secrets, ConfigSecrets))


def _checked(name: str, made: Planned) -> Planned:
    """``made``, once every member that exists already and every secret is found, and each member is a cluster of its
    own: nothing is registered before."""
    faults = list(missing_secrets(made.plan, made.secrets))
    for member in made.settings.members:
        try:
            if member.provider == "kubeconfig":
                kubeconfigs.single_context(member.context, member.kubeconfig)
        except FaultsFoundError as error:
            faults += error.faults
    faults += sharing.faults(made.settings)
    faults += account.faults(made.settings)
    if faults:
        msg = f"nothing of federation {name} was touched:\n{FaultsFoundError(dict.fromkeys(faults))}"
        raise pulumi.RunError(msg)
    return made


def _settings(name: str, args: FederationArgs) -> FederationSettings:
    """Read as a stack's config is: with its checks, and its defaults for availability zones."""
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
    """Members as a stack's config writes them, by name. Python checks no types, so what is none is a fault here."""
    if isinstance(given, Mapping):
        return given
    if isinstance(given, Member) or not isinstance(given, Iterable):
        message = f"must be a list of Member values, and is {described(given)}"
        raise FaultsFoundError([IN_PYTHON.fault(("members",), message, "write [Member(name=..., ...), ...]")])
    faults: list[Fault] = []
    first: dict[str, int] = {}
    found: dict[str, Mapping[str, Any]] = {}
    for index, member in enumerate(given):
        if not isinstance(member, Member):
            remedy = "write Member(name=..., ...); mappings are given by name: {<name>: {...}, ...}"
            message = f"must be a Member, and is {described(member)}"
            faults.append(IN_PYTHON.fault(("members", index), message, remedy))
        elif first.setdefault(member.name, index) != index:
            message = f'"{member.name}" is the name of members[{first[member.name]}] already'
            faults.append(IN_PYTHON.fault(("members", index, "name"), message, "give each member a name of its own"))
        else:
            found[member.name] = _given(member, exclude={"name"})
    raise_if_errors(faults)
    return found


def _given(
    value: Member | PlanSettings | GuardSettings | DnsSettings, *, exclude: set[str] | None = None
) -> dict[str, Any]:
    return value.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=exclude)


def _documents(args: FederationArgs) -> Documents:
    if isinstance(args.documents, Documents):
        return args.documents
    return loading.gather(args.documents, strictness=args.options.strictness)
