"""The members that lead to another cluster; the guard's own cases are in ``cases/guard``."""

import pytest

from federation.plan.changes import cluster_identity
from federation.plan.model.observed import Observed


@pytest.mark.parametrize(
    ("before", "now", "moved"),
    [
        ({"us-east": "https://one"}, {"us-east": "https://one"}, False),
        ({"us-east": "https://one"}, {"us-east": "https://two"}, True),
        ({"us-east": "https://one"}, {}, False),
        ({}, {"us-east": "https://two"}, False),
        ({"us-east": ""}, {"us-east": "https://two"}, False),
    ],
)
def test_a_member_has_moved_when_both_sides_are_known_and_differ(
    before: dict[str, str], now: dict[str, str], moved: bool
) -> None:
    found = cluster_identity.moved(Observed(identities=now, identities_before=before))
    assert found == ({"us-east"} if moved else set())
