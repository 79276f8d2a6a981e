"""The AWS resources of a federation: one provider a region, the clusters of ``eks`` members, the names on Route53.

A provider sends no request to its region when it is configured, so that a lost region stops no update. It neither
validates credentials nor asks for the account, and assumes its role in another region.
"""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks

from federation.api.model.members import Federation as FederationSettings
from federation.api.model.members import Member
from federation.components import last_update
from federation.components.aws.dns import FederatedDns, FederatedDnsArgs
from federation.components.aws.eks import EksCluster, EksClusterArgs
from federation.components.aws.quarantined_eks import QuarantinedCluster, QuarantinedClusterArgs
from federation.components.kubernetes.objects import KubernetesObject
from federation.components.kubernetes.takers import Takers
from federation.components.last_update import StandingCluster
from federation.plan.changes.renames import Renames
from federation.plan.model import names
from federation.plan.model.plan import Plan
from federation.plan.model.standing import TAG, Standing

__all__ = ["OnAws", "sts_region"]


def sts_region(settings: FederationSettings) -> str:
    """The region whose STS all providers assume the role in: that of the DNS calls, unless a lost member is there.

    One region serves all, because a provider that assumes its role in its own region fails with that region. Where the
    DNS region has a lost member, the first region by name with an available ``eks`` member and no lost one is taken.
    """
    members = [member for member in settings.members if member.provider == "eks"]
    lost = {member.region for member in members if not member.available}
    others = sorted({member.region for member in members} - lost)
    preferred = [settings.dns.region] if settings.dns.provider == "route53" else []
    return next((region for region in [*preferred, *others] if region not in lost), settings.dns.region)


class OnAws:
    """Make AWS components as children of ``parent``, and each region's provider once."""

    def __init__(self, parent: pulumi.Resource, settings: FederationSettings) -> None:
        self._parent = parent
        self._settings = settings
        self._aws: dict[str, aws.Provider] = {}
        self._eks: eks.Provider | None = None

    def cluster(self, member: Member) -> EksCluster:
        """The cluster of an ``eks`` member."""
        standing = last_update.standing(Renames.from_config(self._settings)).on_aws.get(member.name, Standing())
        return EksCluster(
            names.infrastructure(member.original_name),
            EksClusterArgs(
                member=member,
                cluster_name=names.cluster(self._settings.name, self._settings.stack, member.original_name),
                aws_provider=self._aws_provider(member.region),
                eks_provider=self._eks_provider(),
                tags={**self._tags, "eks-federation/member": member.original_name},
                role_arn=self._settings.role_arn,
                is_protected=self._settings.is_protected(member),
                ranges=standing.ranges,
                nat_zones=standing.nat_zones,
            ),
            self._own(),
        )

    def held(self, member: Member) -> QuarantinedCluster:
        """The cluster of a held ``eks`` member, as the state has it."""
        self._eks_provider()  # kept in the state together with the components that it has made
        standing = last_update.standing(Renames.from_config(self._settings))
        cluster = standing.clusters.get(member.name, StandingCluster())
        # An update that ended before the cluster was finished may have left no outputs: then the config decides.
        has_no_outputs = cluster.role_arn is None and not cluster.kubeconfig
        was_protected = has_no_outputs or standing.on_aws.get(member.name, Standing()).is_protected
        original = {each.name: each.original_name for each in self._settings.members}
        return QuarantinedCluster(
            names.infrastructure(member.original_name),
            QuarantinedClusterArgs(
                member=member.original_name,
                cluster_name=names.cluster(self._settings.name, self._settings.stack, member.original_name),
                infrastructure=standing.infrastructure,
                members=[original.get(name, name) for name in standing.clusters],
                standing=cluster,
                aws_provider=self._aws_provider(member.region),
                is_protected=was_protected and self._settings.is_protected(member),
            ),
            self._own(),
        )

    def names_of(self, plan: Plan, objects: Mapping[str, KubernetesObject], takers: Takers) -> FederatedDns:
        """The DNS names of ``plan``. ``objects`` are the registered ones by logical name. Weights move only after
        ``takers`` are ready."""
        return FederatedDns(
            names.dns("names", self._settings.zone),
            FederatedDnsArgs(
                zone=self._settings.zone,
                settings=self._settings.dns,
                records=plan.records,
                health_checks=plan.health_checks,
                objects=objects,
                regions={member.name: member.region for member in self._settings.members},
                aws_provider=self._aws_provider(self._settings.dns.region),
                tags=self._tags,
                takers=takers,
                is_protected=self._settings.deletion_protection,
            ),
            self._own(),
        )

    @property
    def _tags(self) -> dict[str, str]:
        return {TAG: self._settings.name, "eks-federation/stack": self._settings.stack}

    def _own(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self._parent)

    def _aws_provider(self, region: str) -> aws.Provider:
        if region not in self._aws:
            role = self._settings.role_arn
            self._aws[region] = aws.Provider(
                names.infrastructure("aws", region),
                region=region,
                assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=role)] if role else None,
                sts_region=sts_region(self._settings) if role else None,
                skip_credentials_validation=True,
                skip_requesting_account_id=True,
                opts=self._own(),
            )
        return self._aws[region]

    def _eks_provider(self) -> eks.Provider:
        if self._eks is None:
            # Remote components have a default provider of their own, which this project has switched off.
            self._eks = eks.Provider(names.infrastructure("eks"), opts=self._own())
        return self._eks
