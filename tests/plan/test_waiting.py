"""Services that no pod will ever stand behind are not waited for."""

from federation.plan.result import PlannedObject
from tests.plan.building import NAMESPACE, deployment, planned, preference, service


def annotations(text: str) -> dict[str, bool]:
    """By member, whether its Service is marked."""
    services: list[PlannedObject] = [
        each for member in planned(text).members for each in member.objects if each.kind == "Service"
    ]
    return {each.member: "pulumi.com/skipAwait" in each.manifest["metadata"]["annotations"] for each in services}


def test_a_member_without_replicas_does_not_wait_for_its_service() -> None:
    divided = preference(spec="totalReplicas: 2, clusters: {us-east: {weight: 1}}")
    marked = annotations(NAMESPACE + deployment() + service() + divided)
    assert marked == {"ap-northeast": True, "us-east": False, "us-west": True}


def test_a_service_whose_pods_come_from_elsewhere_is_waited_for() -> None:
    assert set(annotations(NAMESPACE + service()).values()) == {False}


def test_a_service_without_a_selector_is_left_as_it_is() -> None:
    body = "type: ExternalName, externalName: example.com"
    assert set(annotations(NAMESPACE + deployment(replicas=0) + service(body=body)).values()) == {False}


def test_it_says_so_among_the_reasons() -> None:
    made = planned(NAMESPACE + deployment(replicas=0) + service())
    reasons = [each.reasons for member in made.members for each in member.objects if each.kind == "Service"]
    assert all(lines[-1] == "no replicas behind it in this member: it is not waited for" for lines in reasons)


def test_members_that_share_a_manifest_share_the_marked_one() -> None:
    made = planned(NAMESPACE + deployment(replicas=0) + service())
    first, *others = [each.manifest for member in made.members for each in member.objects if each.kind == "Service"]
    assert all(other is first for other in others)
