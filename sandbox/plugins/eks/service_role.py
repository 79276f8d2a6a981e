"""Make a role that an AWS service assumes, with its managed policies: the official package's `ServiceRole`."""

import hashlib
import json
from collections.abc import Sequence

import pulumi
import pulumi_aws as aws


class ServiceRole(pulumi.ComponentResource):
    """A role and its policy attachments.

    `role` can be used at once; `attached` is its ARN, known only when every policy is attached.
    """

    def __init__(
        self,
        name: str,
        *,
        service: pulumi.Input[str],
        policies: Sequence[str],
        partition: pulumi.Input[str],
        actions: Sequence[str] = ("sts:AssumeRole",),
        description: str | None = None,
        tags: pulumi.Input[dict[str, str]] | None = None,
        parent: pulumi.Resource,
    ) -> None:
        super().__init__("eks:index:ServiceRole", name, None, pulumi.ResourceOptions(parent=parent))
        document = pulumi.Output.from_input(service).apply(lambda principal: _trust(principal, actions))
        self.role = aws.iam.Role(
            f"{name}-role",
            description=description,
            assume_role_policy=document,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.attachments = [self._attach(name, policy, partition) for policy in policies]
        self.attached = pulumi.Output.all(self.role.arn, *[made.id for made in self.attachments]).apply(
            lambda known: str(known[0])
        )
        self.register_outputs({"role": self.role})

    def _attach(self, name: str, policy: str, partition: pulumi.Input[str]) -> aws.iam.RolePolicyAttachment:
        identifier = f"arn:aws:iam::aws:policy/{policy}"
        digest = hashlib.sha1(identifier.encode(), usedforsecurity=False).hexdigest()[:8]
        return aws.iam.RolePolicyAttachment(
            f"{name}-{digest}",
            role=self.role.name,
            policy_arn=pulumi.Output.concat("arn:", partition, f":iam::aws:policy/{policy}"),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _trust(service: str, actions: Sequence[str]) -> str:
    statement = {"Action": list(actions), "Effect": "Allow", "Principal": {"Service": [service]}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
