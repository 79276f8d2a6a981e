"""An account that is not allowed stops an update before anything is registered."""

from collections.abc import Collection
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from federation.api.model.members import DnsSettings, FederationSettings, Member
from federation.components.aws import account
from federation.plan.model.observed import Observed
from federation.plan.model.standing import Standing
from tests.components.mocks import federation

ALLOWED = ("111111111111", "222222222222")
HERE = Member(name="here", provider="kubeconfig", context="here")
ROLE = "arn:aws:iam::333333333333:role/deployer"


def settings(*members: Member, **more: Any) -> FederationSettings:
    return federation(*members).model_copy(update={"allowed_account_ids": ALLOWED, **more})


NOTHING = Observed()
STANDS = Observed(clusters={"us-east": Standing(resources={"aws:ec2/vpc:Vpc": 1}, account="222222222222")})


def found(
    monkeypatch: pytest.MonkeyPatch, answer: str | Exception, asked: FederationSettings, observed: Observed = NOTHING
) -> list[str]:
    def answered(_: FederationSettings) -> str:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(account, "_account", answered)
    return [str(each) for each in account.faults(asked, observed)]


def test_an_allowed_account_passes_and_another_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, "222222222222", settings()) == []
    assert found(monkeypatch, "333333333333", settings()) == [
        "Pulumi.dev.yaml: eks-federation:federation.allowedAccountIds: the credentials are of account 333333333333 "
        "(allowed: 111111111111, 222222222222); set AWS_PROFILE or the credentials of an allowed account, or add "
        "this one"
    ]


def test_an_unknown_account_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    (fault,) = found(monkeypatch, NoCredentialsError(), settings())
    assert "AWS does not return the account of these credentials: Unable to locate credentials; log in to AWS" in fault


def test_what_the_state_has_on_aws_counts_whatever_the_config_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "_account", lambda _: "333333333333")
    assert account.faults(settings(HERE, zone=""), Observed()) == ()
    (fault,) = account.faults(settings(HERE, zone=""), Observed(), destroys=True)
    assert "of account 333333333333" in fault.message


@pytest.mark.parametrize(
    "asked",
    [
        settings(allowed_account_ids=()),
        settings(role_arn=ROLE),
        settings(HERE, zone=""),
        settings(HERE, dns=DnsSettings(provider="none")),
    ],
    ids=["any account", "a role", "no zone", "no names"],
)
def test_no_request_is_sent_where_the_account_is_known_or_aws_is_not_used(
    monkeypatch: pytest.MonkeyPatch, asked: FederationSettings
) -> None:
    assert found(monkeypatch, AssertionError("asked"), asked) == []


@pytest.mark.parametrize("allowed", [(), ALLOWED])
@pytest.mark.parametrize("members", [(), (HERE,)], ids=["its member stays", "its member leaves"])
def test_the_account_of_what_stands_counts_without_any_list(
    monkeypatch: pytest.MonkeyPatch, allowed: tuple[str, ...], members: tuple[Member, ...]
) -> None:
    asked = settings(*members, allowed_account_ids=allowed)
    assert found(monkeypatch, "222222222222", asked, STANDS) == []
    (fault,) = found(monkeypatch, "111111111111", asked, STANDS)
    assert "of account 111111111111, and the EKS clusters of us-east stand in account 222222222222" in fault


def test_existing_resources_are_not_changed_with_an_unknown_account(monkeypatch: pytest.MonkeyPatch) -> None:
    (fault,) = found(monkeypatch, NoCredentialsError(), settings(allowed_account_ids=()), STANDS)
    assert "AWS does not return the account of these credentials: Unable to locate credentials; log in to AWS" in fault


def test_a_role_is_compared_without_asking_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    (fault,) = found(monkeypatch, AssertionError("asked"), settings(role_arn=ROLE), STANDS)
    assert "roleArn is of account 333333333333" in fault


class Sts:
    """Stands in for STS of each region; those ``lost`` do not answer."""

    def __init__(self, lost: Collection[str]) -> None:
        self.lost = lost
        self.asked: list[str] = []

    def client(self, _service: str, *, region_name: str, **_: Any) -> "Sts":
        self.asked.append(region_name)
        return self

    def get_caller_identity(self) -> dict[str, str]:
        if self.asked[-1] in self.lost:
            raise EndpointConnectionError(endpoint_url=self.asked[-1])
        return {"Account": "222222222222"}


@pytest.mark.parametrize(
    ("lost", "asked"),
    [((), ["us-east-1"]), (("us-east-1",), ["us-east-1", "ap-northeast-1"])],
    ids=["all answer", "one is lost"],
)
def test_a_lost_region_does_not_keep_another_one_from_telling_the_account(
    monkeypatch: pytest.MonkeyPatch, lost: tuple[str, ...], asked: list[str]
) -> None:
    sts = Sts(lost)
    monkeypatch.setattr(boto3, "client", sts.client)
    assert account.faults(settings(), STANDS) == ()
    assert sts.asked == asked


def test_where_no_region_answers_the_first_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    sts = Sts(["us-east-1", "ap-northeast-1", "us-west-2"])
    monkeypatch.setattr(boto3, "client", sts.client)
    (fault,) = account.faults(settings(), STANDS)
    assert 'Could not connect to the endpoint URL: "us-east-1"' in str(fault)
    assert sts.asked == ["us-east-1", "ap-northeast-1", "us-west-2"]


def test_a_quarantined_member_of_a_lost_region_causes_no_request_for_the_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = Member(name="us-east", provider="eks", region="us-east-1", kubernetes_version="1.34", available=False)
    config = federation(HERE, lost)
    monkeypatch.setattr(account, "_account", lambda _: pytest.fail("the account was asked for"))
    assert account.faults(config, STANDS) == ()
    assert account.faults(config, STANDS, by_state=True) == ()


def test_resources_of_a_quarantined_member_count_when_they_are_destroyed(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = Member(name="us-east", provider="eks", region="us-east-1", kubernetes_version="1.34", available=False)
    monkeypatch.setattr(account, "_account", lambda _: "333333333333")
    (fault,) = account.faults(federation(HERE, lost), STANDS, by_state=True, destroys=True)
    assert "us-east stand in account 222222222222" in fault.message
