"""Read and check the federation in a stack's config.

The config maps members' names to their attributes, as Pulumi's users expect. Faults have the style of those of
documents, with the line of the config's file.
"""

import ipaddress
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from federation.api.model import addon_versions, cluster_names, subnets
from federation.api.model.members import (
    DnsSettings,
    FederationSettings,
    GuardSettings,
    Member,
    OtherStackMember,
    PlanSettings,
)
from federation.api.reading import naming, python_values, validation
from federation.errors import suggestions
from federation.errors.fault import raise_if_errors
from federation.errors.report import Report, described
from federation.errors.source import IN_PYTHON, PathKey, Source

__all__ = ["federation_from_config"]

NAMESPACE: Final = "eks-federation"
FEDERATION: Final[PathKey] = (f"{NAMESPACE}:federation",)
MEMBERS: Final[PathKey] = (f"{NAMESPACE}:members",)
FEDERATION_KEYS: Final = (
    "allowedAccountIds",
    "deletionProtection",
    "layout",
    "name",
    "roleArn",
    "timeoutSeconds",
    "zone",
)
REGION = re.compile(r"[a-z]{2,3}(?:-[a-z]+)+-[0-9]+\Z")
ROLE = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):role/\S+\Z")
ACCOUNT = re.compile(r"[0-9]{12}\Z")
ZONES: Final[Mapping[str, str]] = {"ap-northeast-1": "ac"}  # its b is closed to newer accounts
VERSION = re.compile(r"1\.[0-9]{2}\Z")
ADDON_VERSION = re.compile(r"v[0-9]+\.[0-9]+\.[0-9]+-eksbuild\.[0-9]+\Z")


def federation_from_config(
    federation: Mapping[str, Any],
    members: Mapping[str, Mapping[str, Any]],
    *,
    stack: str,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    siblings: Iterable[str] = (),
    others: Iterable[OtherStackMember] = (),
    source: Source = IN_PYTHON,
) -> FederationSettings:
    """The federation of ``stack``.

    ``federation`` and ``members`` are the values of the config keys of those names, ``options`` those of ``plan``,
    ``guard`` and ``dns``. ``siblings`` are the names of other stacks' members, ``others`` those whose labels are known.
    ``source`` has its lines under ``("config", "eks-federation:<key>", ...)``. Raises ``FaultsFoundError`` with all
    faults.
    """
    report = Report(source=source, prefix=("config",))
    joined = _members(python_values.plain(members, report, MEMBERS), report)
    own = _federation(python_values.plain(federation, report, FEDERATION), stack, report)
    chosen = {
        key: python_values.plain(value, report, (f"{NAMESPACE}:{key}",)) for key, value in (options or {}).items()
    }
    plan = validation.read_shape(PlanSettings, chosen.get("plan") or {}, report, (f"{NAMESPACE}:plan",))
    for index, name in enumerate(plan.unjoin if plan else ()):
        naming.check_label(name, report, (f"{NAMESPACE}:plan", "unjoin", index))
    guard = validation.read_shape(GuardSettings, chosen.get("guard") or {}, report, (f"{NAMESPACE}:guard",))
    dns = validation.read_shape(DnsSettings, chosen.get("dns") or {}, report, (f"{NAMESPACE}:dns",))
    labelled = tuple(sorted(others, key=lambda each: (each.stack, each.name)))
    cluster_names.check_cluster_names(str(own.get("name", "")), stack, joined, labelled, report, MEMBERS)
    raise_if_errors(report.faults)
    other_stacks = {"siblings": tuple(sorted({*siblings, *(each.name for each in labelled)})), "others": labelled}
    settings = {"members": joined, "plan": plan, "guard": guard, "dns": dns}
    return FederationSettings.model_validate({**own, "stack": stack, **other_stacks, **settings})


def _federation(tree: Any, stack: str, report: Report) -> dict[str, Any]:
    own = tree if isinstance(tree, dict) else {}
    for key in sorted(set(own) - set(FEDERATION_KEYS)):
        report.error((*FEDERATION, key), "this key is not known here", suggestions.remedy(key, FEDERATION_KEYS))
    kept = {key: value for key, value in own.items() if key in FEDERATION_KEYS and value is not None}
    if not kept.get("name"):
        report.error(
            (*FEDERATION, "name"), "is missing", "write the name of the federation, which documents use as domainRef"
        )
        return {}
    read = validation.read_shape(FederationSettings, {**kept, "stack": stack}, report, FEDERATION)
    if read is None:
        return {}
    if read.zone:
        naming.check_dns_name(read.zone, report, (*FEDERATION, "zone"))
        kept["zone"] = read.zone.removesuffix(".")
    role = ROLE.match(read.role_arn)
    if read.role_arn and not role:
        message = f"{report.quoted(read.role_arn)} is not the ARN of a role"
        report.error((*FEDERATION, "roleArn"), message, "write arn:aws:iam::<account>:role/<name>")
    _check_accounts(read, role[1] if role else "", report)
    return kept


def _check_accounts(federation: FederationSettings, account: str, report: Report) -> None:
    """Report accounts without 12 digits, and a role's ``account`` ("" for none) that is not among them."""
    allowed = federation.allowed_account_ids
    for index, each in enumerate(allowed):
        if not ACCOUNT.match(each):
            remedy = 'write its 12 digits in quotes, such as "123456789012"'
            report.error(
                (*FEDERATION, "allowedAccountIds", index), f"{report.quoted(each)} is not an AWS account", remedy
            )
    if account and allowed and account not in allowed:
        message = f"the role is of account {account} (allowed: {', '.join(allowed)})"
        report.error((*FEDERATION, "roleArn"), message, "name a role of an allowed account, or add the account")


def _members(tree: Any, report: Report) -> tuple[Member, ...]:
    if not isinstance(tree, dict) or not tree:
        remedy = 'add one: us-east: {provider: eks, region: us-east-1, kubernetesVersion: "1.34"}'
        report.error(MEMBERS, "there are no members", remedy)
        return ()
    parsed = [_member(name, attributes, report) for name, attributes in tree.items()]
    joined = tuple(member for member in parsed if member is not None)
    _check_clusters(joined, report)
    _check_former_names(joined, list(tree), report)
    return joined


def _check_clusters(members: Iterable[Member], report: Report) -> None:
    """Report members with the same context. Different contexts of one cluster are visible in kubeconfigs only."""
    first: dict[tuple[str, str], str] = {}
    for member in members:
        if member.provider == "kubeconfig":
            other = first.setdefault((member.kubeconfig, member.context), member.name)
            if other != member.name:
                message = f"{report.quoted(member.context)} of the same kubeconfig is the context of {other} already, "
                message += "and both would write the same objects there"
                report.error((*MEMBERS, member.name, "context"), message, "give each member a cluster of its own")


def _check_former_names(members: Iterable[Member], present: Collection[str], report: Report) -> None:
    """Report a former name that is in use now, or that two members list."""
    first: dict[str, str] = {}
    for member in members:
        for index, name in enumerate(member.former_names):
            at = (*MEMBERS, member.name, "formerNames", index)
            if name in present:
                message = f"{report.quoted(name)} is the name of a member now"
                remedy = "leave it out here, or give that member another name"
                report.error(at, message, remedy)
            elif name in first:
                message = f"{report.quoted(name)} is a former name of {first[name]} already"
                report.error(at, message, "write each former name once, under the member that had it")
            else:
                first[name] = member.name


def _member(name: str, attributes: Any, report: Report) -> Member | None:
    at: PathKey = (*MEMBERS, name)
    if attributes is None:
        attributes = {}
    if not isinstance(attributes, dict):
        report.error(at, f"must be a mapping, and is {described(attributes)}", "write {provider: eks, region: ...}")
        return None
    faults = len(report.faults)
    if name == "*":
        report.error(at, '"*" means every member in a preference: no member can have this name', "name it")
    else:
        naming.check_label(name, report, at)
    if "name" in attributes:
        report.error((*at, "name"), "this key is not known here", "the key of the mapping is the member's name")
    if len(report.faults) > faults:
        name = "member"  # so that the other attributes are checked as well
    values = {key: value for key, value in attributes.items() if value is not None and key != "name"}
    member = validation.read_shape(Member, {**values, "name": name}, report, at, omitted=("name",))
    if member is None:
        return None
    if values.get("provider", "eks") == "eks" and "kubernetesVersion" not in values:
        remedy = f'write the version of the cluster, for a new one kubernetesVersion: "{max(addon_versions.VERSIONS)}"'
        report.error((*at, "kubernetesVersion"), "is missing, and an eks member needs it", remedy)
    member = _with_zones(member)
    _check_places(member, report, at)
    naming.check_labels(dict(member.labels), report, (*at, "labels"))
    return member


def _check_places(member: Member, report: Report, at: PathKey) -> None:
    """Report a region or zone that cannot be a part of a DNS name, or that EKS refuses."""
    if member.provider == "eks":
        _check_eks(member, report, at)
    elif member.region:
        naming.check_dns_part(member.region, report, (*at, "region"))
    for index, zone in enumerate(member.zones):
        naming.check_dns_part(zone, report, (*at, "zones", index))


def _check_eks(member: Member, report: Report, at: PathKey) -> None:
    if not REGION.match(member.region):
        message = f"{report.quoted(member.region)} is not an AWS region"
        report.error((*at, "region"), message, "write one such as us-east-1")
    for index, zone in enumerate(member.zones):
        if not zone.startswith(member.region) or zone in member.zones[:index]:
            remedy = f"write zones of {member.region} by name, each once, such as {member.region}a"
            report.error((*at, "zones", index), f"{report.quoted(zone)} does not fit", remedy)
    if len(member.zones) == 1:
        report.error((*at, "zones"), "EKS needs subnets in at least two availability zones", "name a second zone")
    if not VERSION.match(member.kubernetes_version):
        message = f"{report.quoted(member.kubernetes_version)} is not a version of EKS"
        report.error((*at, "kubernetesVersion"), message, 'write it as "1.34"')
    _check_addons(member, report, at)
    _check_range(member, report, (*at, "network", "cidr"))


def _check_addons(member: Member, report: Report, at: PathKey) -> None:
    """Report add-ons without a version: their version would be looked up in each update."""
    faults = len(report.faults)
    for key, version in (("vpcCni", member.addons.vpc_cni), ("kubeProxy", member.addons.kube_proxy)):
        if version and not ADDON_VERSION.match(version):
            message = f"{report.quoted(version)} is not a version of an EKS add-on"
            report.error((*at, "addons", key), message, "write one such as v1.20.4-eksbuild.2")
    if len(report.faults) == faults and member.addon_versions is None and VERSION.match(member.kubernetes_version):
        pinned = ", ".join(sorted(addon_versions.VERSIONS))
        message = f"no add-on versions are known here for Kubernetes {member.kubernetes_version} (known: {pinned})"
        remedy = "name both, addons: {vpcCni: ..., kubeProxy: ...}; `aws eks describe-addon-versions` lists them"
        report.error((*at, "addons"), message, remedy)


def _check_range(member: Member, report: Report, at: PathKey) -> None:
    cidr, count = member.network.cidr, len(member.zones)
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError:
        network = None
    if network is None or not 16 <= network.prefixlen <= 24:
        remedy = "write a range such as 10.20.0.0/16 (between /16 and /18, its last bits 0)"
        report.error(at, f"{report.quoted(cidr)} is not a range for a VPC", remedy)
    elif subnets.most_zones(cidr) < count:
        longest = next(length for length in range(18, 0, -1) if subnets.most_zones(f"0.0.0.0/{length}") >= count)
        message = f"{report.quoted(cidr)} has room for {subnets.most_zones(cidr)} zones, and {count} are there: "
        message += f"each takes two ranges of /{subnets.PREFIX}"
        report.error(at, message, f"write a range of /{longest} or more, or fewer zones")


def _with_zones(member: Member) -> Member:
    """Give an eks member that names no zones two availability zones, by name."""
    if member.provider != "eks" or member.zones:
        return member
    letters = ZONES.get(member.region, "ab")
    return member.model_copy(update={"zones": tuple(member.region + letter for letter in letters)})
