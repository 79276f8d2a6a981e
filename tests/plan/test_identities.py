"""What the next update is told of the cluster behind each member; the guard's own cases are in ``cases/guard``."""

from federation.plan import identities
from federation.plan.observed import Observed
from tests.plan.building import federation


def test_what_each_member_leads_to_is_written_down() -> None:
    seen = Observed(
        identities={"us-west": "https://west", "us-east": "https://two"}, identities_before={"us-east": "https://one"}
    )
    assert identities.recorded(federation(), seen) == {"us-east": "https://two", "us-west": "https://west"}


def test_a_held_member_keeps_what_was_known_of_it() -> None:
    before = {"us-east": "https://one"}
    lost = federation(lost=("us-east",))
    for now in ({}, {"us-east": "https://two"}):
        assert identities.recorded(lost, Observed(identities=now, identities_before=before)) == before
    assert identities.recorded(lost, Observed(identities=before)) == before


def test_a_member_that_is_none_any_more_is_forgotten() -> None:
    assert identities.recorded(federation(), Observed(identities_before={"gone": "https://one"})) == {}
