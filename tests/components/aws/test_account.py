"""An account that is not allowed stops an update before anything is registered."""

from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from federation.api.model.members import DnsSettings, Federation, Member
from federation.components.aws import account
from tests.components.mocks import federation

ALLOWED = ("111111111111", "222222222222")
HERE = Member(name="here", provider="kubeconfig", context="here")
ROLE = "arn:aws:iam::333333333333:role/deployer"


def settings(*members: Member, **more: Any) -> Federation:
    return federation(*members).model_copy(update={"allowed_account_ids": ALLOWED, **more})


def found(monkeypatch: pytest.MonkeyPatch, answer: str | Exception, asked: Federation) -> list[str]:
    def answered(_: Federation) -> str:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(account, "_account", answered)
    return [str(each) for each in account.faults(asked)]


def test_an_allowed_account_passes_and_another_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, "222222222222", settings()) == []
    assert found(monkeypatch, "333333333333", settings()) == [
        "Pulumi.dev.yaml: eks-federation:federation.allowedAccountIds: the credentials are of account 333333333333 "
        "(allowed: 111111111111, 222222222222); set AWS_PROFILE or the credentials of an allowed account, or add "
        "this one"
    ]


def test_an_account_that_nobody_tells_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    (fault,) = found(monkeypatch, NoCredentialsError(), settings())
    assert "AWS does not tell whose account this is: Unable to locate credentials; log in to AWS" in fault


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
def test_nothing_is_asked_where_the_answer_is_known_or_aws_is_not_used(
    monkeypatch: pytest.MonkeyPatch, asked: Federation
) -> None:
    assert found(monkeypatch, AssertionError("asked"), asked) == []
