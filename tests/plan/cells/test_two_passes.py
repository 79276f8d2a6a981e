"""Two passes over all cells move replicas between members, and there are never fewer than before or after."""

from hypothesis import given
from hypothesis import strategies as st

from federation.plan.cells.slices import deferred
from tests.plan.cells.fleet import Counts, Fleet, documents, federation

MEMBERS = ("east", "south", "west")
COUNTS = st.dictionaries(st.sampled_from(MEMBERS), st.integers(0, 4), min_size=1)


def overlap(before: Counts, after: Counts) -> int:
    """The replicas that run in the worst moment of a pass, in which every member may be before or after."""
    return sum(min(before.get(name, 0), after.get(name, 0)) for name in MEMBERS)


@given(before=COUNTS, after=COUNTS)
def test_two_passes_end_at_the_plan_and_there_are_never_fewer_replicas(before: Counts, after: Counts) -> None:
    fleet = Fleet(federation(*MEMBERS))
    fleet.update(documents(web=before))
    assert fleet.replicas() == before
    least = min(sum(before.values()), sum(after.values()))
    for _ in range(2):
        earlier = fleet.replicas()
        fleet.update(documents(web=after))
        assert overlap(earlier, fleet.replicas()) >= least
    assert fleet.replicas() == after
    assert fleet.index == {each.name: each.index for each in fleet.plan(documents(web=after)).members}


@given(before=COUNTS, after=COUNTS)
def test_after_two_passes_no_cell_waits_and_none_has_a_change(before: Counts, after: Counts) -> None:
    fleet = Fleet(federation(*MEMBERS))
    for text in (documents(web=before), documents(web=after), documents(web=after)):
        fleet.update(text)
    assert not any(deferred(fleet.plan(documents(web=after)), name) for name in MEMBERS)
    index = dict(fleet.index)
    fleet.update(documents(web=after))
    assert fleet.index == index


@given(before=COUNTS, after=COUNTS, failing=st.sampled_from(MEMBERS))
def test_a_member_that_never_gets_ready_costs_no_replica(before: Counts, after: Counts, failing: str) -> None:
    fleet = Fleet(federation(*MEMBERS))
    fleet.update(documents(web=before))
    least = min(sum(before.values()), sum(after.values()))
    for _ in range(3):
        fleet.update(documents(web=after), failing=(failing,))
        assert sum(fleet.replicas().values()) >= least
