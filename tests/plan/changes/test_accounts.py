"""Clusters in one AWS account are never updated, refreshed or destroyed with another one."""

from typing import Any

import pytest

from federation.plan.changes import accounts
from federation.plan.model.observed import Observed
from federation.plan.model.standing import Standing
from tests.plan.building import federation

OLD, NEW = "111111111111", "222222222222"
ROLE = "arn:aws:iam::{}:role/deployer"


def standing(roles: dict[str, str] | None = None, **members: str) -> Observed:
    """The observed state of ``members``, each in its account."""
    clusters = {name: Standing(resources={"aws:ec2/vpc:Vpc": 1}, account=account) for name, account in members.items()}
    return Observed(registered={}, clusters=clusters, roles_before=roles or {})


BOTH = standing(us_east=OLD, us_west=OLD)


def refusals(observed: Observed, caller: str, *, by_state: bool = False, **settings: Any) -> list[str]:
    found = accounts.refusals(federation(**settings), observed, caller, by_state=by_state)
    return [str(each) for each in found]


def test_another_account_is_refused_with_both_and_the_way_on() -> None:
    assert refusals(BOTH, OLD) == []
    assert refusals(BOTH, NEW) == [
        f"Pulumi.dev.yaml: eks-federation:federation: the credentials are of account {NEW}, and the EKS clusters of "
        f"us_east, us_west stand in account {OLD}: nothing of them is found there, so the state would lose them; "
        f"set AWS_PROFILE or the credentials of account {OLD}; no update moves a cluster to another account: make a "
        "stack of its own there"
    ]


def test_an_allowed_account_is_no_leave_to_move() -> None:
    assert len(refusals(BOTH, NEW, allowedAccountIds=[OLD, NEW])) == 1


def test_what_stands_in_no_known_account_is_not_compared() -> None:
    nothing = (Observed(), standing(us_east=""), standing(us_east="", us_west=OLD))
    assert [accounts.needs_caller(federation(), each) for each in nothing] == [False, False, True]
    assert [refusals(each, OLD) for each in nothing] == [[], [], []]


@pytest.mark.parametrize("account", [OLD, NEW])
def test_a_role_tells_its_account_itself(account: str) -> None:
    settings = federation(roleArn=ROLE.format(account))
    assert not accounts.needs_caller(settings, BOTH)
    found = refusals(BOTH, "", roleArn=ROLE.format(account))
    assert [f"roleArn is of account {NEW}, and the EKS clusters" in each for each in found] == [True] * (account == NEW)


def test_a_refresh_acts_by_the_roles_in_the_state() -> None:
    made = standing({"us_east": "", "us_west": ROLE.format(OLD)}, us_east=OLD, us_west=OLD)
    settings = federation(roleArn=ROLE.format(OLD))
    assert not accounts.needs_caller(settings, made)
    assert accounts.needs_caller(settings, made, by_state=True)
    (line,) = refusals(made, NEW, by_state=True, roleArn=ROLE.format(OLD))
    assert "the EKS clusters of us_east stand in account" in line
    by_role = standing({"us_east": ROLE.format(OLD)}, us_east=OLD)
    assert not accounts.needs_caller(federation(), by_role, by_state=True)
    assert refusals(by_role, NEW, by_state=True) == []
