"""Replicas behind a Service are counted by all labels of its selector, in members with and without them."""

import pytest

from federation.plan.dns.weights import scaled
from federation.plan.model.plan import ServiceTarget
from tests.plan.building import NAMESPACE, deployment, document, planned, record, service

PLACED = {"blue": "us-east", "green": "us-west"}


def track(name: str, member: str) -> str:
    text = deployment(name, spec=f"placement: {{clusters: [{{name: {member}}}]}}", replicas=3)
    return text.replace(f"labels: {{app: {name}}}", f"labels: {{app: web, track: {name}}}")


def weighs(selector: str) -> dict[str, int | None]:
    body = f"type: LoadBalancer, selector: {{{selector}}}, ports: [{{port: 80}}]"
    tracks = "".join(track(name, member) for name, member in PLACED.items())
    made = planned(NAMESPACE + tracks + service(body=body) + record())
    targets = [(each.target, each.weighs) for each in made.records if each.level == "region"]
    return {target.member: count for target, count in targets if isinstance(target, ServiceTarget)}


@pytest.mark.parametrize("name", PLACED)
def test_only_the_member_with_the_selected_track_has_weight(name: str) -> None:
    assert weighs(f"app: web, track: {name}") == {PLACED[name]: 3}
    assert weighs(f"track: {name}, app: web") == {PLACED[name]: 3}


def test_all_tracks_of_an_application_have_weight() -> None:
    assert weighs("app: web") == {"us-east": 3, "us-west": 3}


def test_a_selector_that_no_workload_matches_as_a_whole_gives_every_member_the_same() -> None:
    assert weighs("app: web, track: red") == {"ap-northeast": 1, "us-east": 1, "us-west": 1}


def test_a_pod_counts_as_one_beside_the_replicas_of_others() -> None:
    pod = "{template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'nginx:1'}]}}, "
    pods = document("FederatedPod", "single", pod + "placement: {clusters: [{name: us-east}]}}")
    made = planned(NAMESPACE + deployment(replicas=2) + pods + service() + record())
    targets = [(each.target, each.weighs) for each in made.records if each.level == "region"]
    counted = {target.member: count for target, count in targets if isinstance(target, ServiceTarget)}
    assert counted == {"ap-northeast": 2, "us-east": 3, "us-west": 2}


def test_weights_above_the_highest_are_scaled_and_only_a_0_is_0() -> None:
    assert scaled({"a": 1000, "b": 0, "c": 1, "d": 500}) == {"a": 255, "b": 0, "c": 1, "d": 127}
