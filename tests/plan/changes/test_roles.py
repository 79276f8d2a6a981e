"""Only the role that made the clusters has access to them, so a change of role is refused."""

from dataclasses import replace

import pytest

from federation.api.model.members import FederationSettings
from federation.plan.changes import guard, roles
from federation.plan.model.observed import Observed
from federation.plan.planner import plan
from tests.plan.building import NAMESPACE, documents, federation

OLD = "arn:aws:iam::123456789012:role/old"
NEW = "arn:aws:iam::123456789012:role/new"


def deployed_by(role: str) -> FederationSettings:
    return federation().model_copy(update={"role_arn": role})


def refused(settings: FederationSettings, observed: Observed) -> list[str]:
    return [str(each) for each in guard.refusals(settings, plan(settings, documents(NAMESPACE), observed), observed)]


def everywhere(role: str) -> Observed:
    return Observed(roles_before={member.name: role for member in federation().members})


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [(OLD, NEW, f"from {OLD} to {NEW}"), ("", NEW, f"from none to {NEW}"), (OLD, "", f"from {OLD} to none")],
)
def test_another_role_is_refused_and_the_remedy_lets_it_in_first(before: str, now: str, said: str) -> None:
    (found,) = refused(deployed_by(now), everywhere(before))
    names = ", ".join(member.name for member in federation().members)
    assert found.startswith(
        f"Pulumi.dev.yaml: eks-federation:federation.roleArn: roleArn changes {said}, and {names} let only the first in"
    )
    assert "aws eks create-access-entry" in found
    assert "fed up --no-guard" in found


@pytest.mark.parametrize("role", [OLD, ""])
def test_the_same_role_passes(role: str) -> None:
    assert refused(deployed_by(role), everywhere(role)) == []


def test_where_nobody_knows_who_deployed_nothing_is_said() -> None:
    assert refused(deployed_by(NEW), Observed()) == []


def test_a_held_member_is_not_called_and_so_not_counted() -> None:
    settings = deployed_by(NEW)
    members = (settings.members[0].model_copy(update={"available": False}), *settings.members[1:])
    settings = settings.model_copy(update={"members": members})
    only = replace(everywhere(OLD), roles_before={settings.members[0].name: OLD})
    assert roles.changed(settings, only) == ()


def test_outputs_of_another_form_are_passed_over() -> None:
    assert roles.from_output({"us-east": OLD, "us-west": 7}) == {"us-east": OLD}
    assert roles.from_output("admin") == {}
