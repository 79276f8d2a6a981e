"""The numbers of the talk: 15 replicas over three regions, and over the two that are left, each with its reason."""

from federation.plan.model.plan import Distribution, Plan
from tests.plan import building
from tests.plan.building import TALK, planned


def _division(made: Plan) -> Distribution:
    found = next(each.distribution for each in made.workloads if each.kind == "Deployment")
    assert found is not None
    return found


def _manifests(made: Plan) -> dict[str, int]:
    """Replicas by member, as the manifests have them."""
    return {
        each.member: each.manifest["spec"]["replicas"]
        for member in made.members
        for each in member.objects
        if each.kind == "Deployment"
    }


def test_fifteen_over_three_members_are_3_6_6_and_each_number_has_its_reason() -> None:
    made = planned(TALK)
    division = _division(made)
    assert _manifests(made) == dict(division.replicas) == {"ap-northeast": 3, "us-east": 6, "us-west": 6}
    assert division.reasons == {
        "ap-northeast": (
            'preference "ap-northeast" (web.yaml:20): weight 1, min 1, max 3',
            "minimum 1 of 15 -> 1",
            "round 1: weight 1 of 5 -> ceil(14*1/5) = 3, 2 left -> 3",
        ),
        "us-east": (
            'preference "*" (web.yaml:20): weight 2, min 0, max 12',
            "round 1: weight 2 of 5 -> ceil(14*2/5) = 6 -> 6",
        ),
        "us-west": (
            'preference "*" (web.yaml:20): weight 2, min 0, max 12',
            "round 1: weight 2 of 5 -> ceil(14*2/5) = 6 -> 6",
        ),
    }


def test_with_us_east_lost_they_are_3_0_12_and_each_number_has_its_reason() -> None:
    made = planned(TALK, lost=("us-east",))
    workload = next(each for each in made.workloads if each.kind == "Deployment")
    assert dict(workload.replicas) == {"ap-northeast": 3, "us-east": 0, "us-west": 12}
    assert _manifests(made) == {"ap-northeast": 3, "us-west": 12}
    assert _division(made).unplaced == 0
    assert _division(made).reasons == {
        "ap-northeast": (
            'preference "ap-northeast" (web.yaml:20): weight 1, min 1, max 3',
            "minimum 1 of 15 -> 1",
            "round 1: weight 1 of 3 -> ceil(14*1/3) = 5, 4 left, 5 is over the maximum 3 -> 3",
        ),
        "us-west": (
            'preference "*" (web.yaml:20): weight 2, min 0, max 12',
            "round 1: weight 2 of 3 -> ceil(14*2/3) = 10 -> 10",
            "round 2: weight 2 of 2 -> ceil(2*2/2) = 2 -> 12",
        ),
    }
    assert workload.reasons["us-east"][-1] == "not available: quarantined, its objects stay as they are"


def test_every_object_of_the_workload_carries_these_reasons() -> None:
    made = planned(TALK)
    division = _division(made)
    for name in building.THE_TALK:
        (found,) = [each for each in made.member(name).objects if each.kind == "Deployment"]
        assert found.reasons[-len(division.reasons[name]) :] == division.reasons[name]
        assert "placed by ReplicaSchedulingPreference demo/web (web.yaml:20)" in found.reasons[0]
