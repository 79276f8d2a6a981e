"""An explanation of a member has every step that the plan has, and no other."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Operation, Plan
from federation.plan.views import explain, query
from federation.plan.views.explain import Explanation, MemberExplanation
from tests import places
from tests.plan.building import (
    NAMESPACE,
    TALK,
    deployment,
    document,
    ingress,
    ingress_record,
    planned,
    preference,
    record,
    service,
)

CASES = yaml.safe_load((places.CASES / "explanation" / "talk.yaml").read_text())
OVERRIDE = (
    "placement: {clusterSelector: {}}, overrides: [{clusterName: us-east, clusterOverrides: "
    "[{path: /spec/template/spec/containers/0/image, value: 'nginx:2'}, "
    "{op: add, path: /spec/paused, value: true}, {op: remove, path: /spec/replicas}]}]"
)


def explained(plan: Plan, what: str, member: str = "") -> Explanation:
    return explain.explain(plan, query.find_workload(plan, query.parse_query(what)), member)


def part(plan: Plan, what: str, member: str = "us-east") -> MemberExplanation:
    (found,) = explained(plan, what, member).members
    return found


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_the_talks_numbers_come_with_every_step(case: dict[str, Any]) -> None:
    found = explained(planned(TALK, lost=tuple(case["lost"])), "deploy/web")
    assert found.total == 15
    assert found.replicas == case["replicas"]
    assert {name: list(lines) for name, lines in found.division.items()} == case["division"]
    assert {each.member: each.replicas for each in found.members} == case["replicas"]
    assert sorted(found.order) == sorted(case["division"])


def test_the_order_of_turns_is_that_of_the_planner() -> None:
    assert explained(planned(TALK), "deploy/web").order == ("us-west", "us-east", "ap-northeast")


def test_placement_comes_with_its_line_and_its_namespaces() -> None:
    found = part(planned(TALK), "svc/web")
    assert found.placed
    assert found.replicas is None
    assert found.placement == (
        "selected by placement.clusterSelector (web.yaml:15)",
        "namespace demo goes there: selected by placement.clusterSelector (web.yaml:5)",
    )


def test_a_member_that_gets_nothing_says_why() -> None:
    narrow = NAMESPACE.replace("{clusterSelector: {}}", "{clusters: [{name: us-west}]}")
    plan = planned(narrow + deployment() + deployment("own", spec="placement: {clusters: [{name: us-west}]}"))
    outside = part(plan, "deploy/web")
    assert not outside.placed
    assert outside.placement[-1].startswith(
        "but namespace demo does not go there: not in placement.clusters (web.yaml:5)"
    )
    assert part(plan, "deploy/own").placement == ("not in placement.clusters (web.yaml:15)",)


def test_an_override_says_what_it_changed_into_what() -> None:
    found = part(planned(NAMESPACE + deployment(spec=OVERRIDE)), "deploy/web").overrides
    assert [(each.op, each.was, each.value) for each in found] == [
        ("replace", "nginx:1", "nginx:2"),
        ("add", None, True),
        ("remove", 2, None),
    ]
    assert all(each.written.startswith("web.yaml:") for each in found)


def test_where_an_override_is_not_in_effect_there_is_none() -> None:
    assert part(planned(NAMESPACE + deployment(spec=OVERRIDE)), "deploy/web", "us-west").overrides == ()


def test_what_is_put_into_a_list_takes_nothing_away() -> None:
    adding = (
        "placement: {clusterSelector: {}}, overrides: [{clusterName: us-east, clusterOverrides: [{op: add, "
        "path: /spec/template/spec/containers/0, value: {name: first, image: 'a:1'}}]}]"
    )
    (found,) = part(planned(NAMESPACE + deployment(spec=adding)), "deploy/web").overrides
    assert isinstance(found, Operation)
    assert found.was is None


def test_what_waits_and_what_is_awaited_are_told_from_both_sides() -> None:
    plan = planned(TALK)
    assert part(plan, "deploy/web").waits_for == ("Namespace/demo",)
    assert part(plan, "ns/demo").awaited_by == ("demo/Service/web", "demo/Deployment/web")


def test_a_dependency_says_whom_it_follows_and_where_it_does_not_go() -> None:
    plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: demo}\ndata: {a: b}\n---\n"
    container = "{name: w, image: 'n:1', envFrom: [{configMapRef: {name: web}}]}"
    pods = f"{{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{container}]}}}}"
    workload = document(
        "FederatedDeployment",
        "web",
        f"{{template: {{spec: {{selector: {{matchLabels: {{app: web}}}}, template: {pods}}}}}, "
        "placement: {clusters: [{name: us-east}]}, propagateDependencies: true}",
    )
    plan = planned(NAMESPACE + plain + workload)
    assert part(plan, "cm/web").placement[0].startswith("follows Deployment demo/web (web.yaml:")
    assert part(plan, "cm/web", "us-west").placement == ("nothing that needs it goes there",)


def test_fields_that_are_left_to_others_are_named() -> None:
    plan = planned(NAMESPACE + deployment(spec="placement: {clusterSelector: {}}, retainReplicas: true"))
    assert part(plan, "deploy/web").retained == ("spec.replicas",)


def test_dns_names_that_lead_to_a_workload_come_with_their_weights() -> None:
    leads = part(planned(TALK), "deploy/web").leads
    weighted = [(each.name, each.identifier, each.weight) for each in leads if each.weight is not None]
    assert weighted == [
        ("_weighted.web.demo.atlas.svc.us-east-1.fed.test", "us-east", 6),
        ("_weighted.web.demo.atlas.svc.us-east-1a.us-east-1.fed.test", "us-east", 6),
        ("_weighted.web.demo.atlas.svc.fed.test", "us-east-1", 6),
    ]
    assert leads[0].reasons == ("replicas behind the Service's selector: Deployment web 6",)
    assert "web.demo.atlas.svc.fed.test" in {each.name for each in leads}
    assert leads == part(planned(TALK), "svc/web").leads


def test_a_workload_that_no_service_selects_has_no_names() -> None:
    assert part(planned(TALK + deployment("other")), "deploy/other").leads == ()


def test_names_of_another_region_lead_here_when_nobody_answers_there() -> None:
    none_in_the_west = preference(spec='totalReplicas: 2, clusters: {us-east: {weight: 1}, "*": {}}')
    plan = planned(NAMESPACE + deployment() + service() + none_in_the_west + record())
    leads = {each.name: each.to for each in part(plan, "deploy/web").leads}
    assert leads["web.demo.atlas.svc.us-west-2.fed.test"] == "web.demo.atlas.svc.fed.test"


def test_a_member_that_no_preference_matches_says_so() -> None:
    plan = planned(NAMESPACE + deployment() + preference(spec="totalReplicas: 2, clusters: {us-west: {weight: 1}}"))
    found = part(plan, "deploy/web")
    assert (found.placed, found.replicas) == (True, 0)
    assert found.division == ("no preference matches, and there is none for every member (*): 0",)


def test_a_held_member_says_what_stays_and_what_waits() -> None:
    entry = IndexEntry(
        logical_name="us-east/demo/Deployment/web", token="kubernetes:apps/v1:Deployment", digest="x", replicas=6
    )
    observed = Observed(registered={"us-east": (entry,)})
    plan = planned(TALK, observed, lost=("us-east",))
    assert part(plan, "deploy/web").quarantined == (
        "it stays as the last update left it, 6 replicas, when the member is back: update"
    )
    assert part(plan, "svc/web").quarantined == "it is not there, when the member is back: create"
    assert part(planned(TALK, lost=("us-east",)), "svc/web").quarantined == "whether it is there is not known here"


def test_a_member_that_gives_replicas_says_for_whom_it_waits() -> None:
    left = IndexEntry(logical_name="us-west/demo/Deployment/web", token="kubernetes:apps/v1:Deployment", digest="x")
    observed = Observed(registered={"us-west": (replace(left, replicas=12),)})
    plan = planned(TALK, observed)
    assert part(plan, "deploy/web", "us-west").move == "shrinks when ap-northeast, us-east are ready to take over"
    assert part(plan, "deploy/web", "us-east").move == ""


def test_overflow_and_what_finds_no_place_are_told() -> None:
    tight = preference(spec='totalReplicas: 9, rebalance: true, clusters: {"*": {weight: 1, maxReplicas: 2}}')
    observed = Observed(capacity={"demo/web": {"us-east": 1}})
    found = explained(planned(NAMESPACE + deployment() + tight, observed), "deploy/web")
    assert (found.total, found.unplaced) == (9, 4)
    assert {each.member: each.overflow for each in found.members} == {"ap-northeast": 0, "us-east": 1, "us-west": 0}


def test_hosts_of_an_ingress_lead_to_it_to_its_services_and_to_the_pods_behind_them() -> None:
    text = (
        NAMESPACE
        + deployment(replicas=4)
        + deployment("other")
        + service(body="selector: {app: web}, ports: [{port: 80}]")
    )
    plan = planned(text + ingress("web") + ingress_record())
    leads = part(plan, "ing/web").leads
    assert [(each.name, each.identifier, each.weight, each.to) for each in leads] == [
        ("_weighted.shop.fed.test", "us-east", 4, "load balancer of Ingress demo/web in us-east"),
        ("shop.fed.test", "", None, "_weighted.shop.fed.test"),
    ]
    assert part(plan, "svc/web").leads == part(plan, "deploy/web").leads == leads
    assert part(plan, "deploy/other").leads == ()
