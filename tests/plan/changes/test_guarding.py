"""The guard is on unless the environment variable says off."""

import pytest

from federation.errors.fault import FaultsFoundError, Severity
from federation.plan.changes import guarding
from federation.plan.model.observed import Observed
from tests.plan.building import NAMESPACE, TALK, federation, planned

STANDS = Observed(registered={member.name: member.index or () for member in planned(TALK).members})


@pytest.mark.parametrize("said", [{}, {guarding.VARIABLE: ""}, {guarding.VARIABLE: "on"}])
def test_what_it_refuses_ends_an_update(said: dict[str, str]) -> None:
    with pytest.raises(FaultsFoundError, match="namespace demo would be deleted"):
        guarding.check(federation(), planned(""), STANDS, said)


def test_what_it_has_nothing_against_passes() -> None:
    assert guarding.check(federation(), planned(TALK), STANDS, {}) == ()
    assert guarding.check(federation(), planned(NAMESPACE), Observed(), {}) == ()


@pytest.mark.parametrize("said", ["off", " OFF "])
def test_off_it_warns_of_what_it_lets_pass(said: str) -> None:
    passed = guarding.check(federation(), planned(""), STANDS, {guarding.VARIABLE: said})
    assert {each.severity for each in passed} == {Severity.WARNING}
    assert any("namespace demo would be deleted" in str(each) and "the guard is off" in str(each) for each in passed)


def test_another_answer_is_not_guessed_at() -> None:
    with pytest.raises(guarding.UnknownSettingError, match=r"EKS_FEDERATION_GUARD is 'false' \(allowed: on, off\)"):
        guarding.check(federation(), planned(TALK), STANDS, {guarding.VARIABLE: "false"})
