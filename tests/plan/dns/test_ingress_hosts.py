"""The record sets of an Ingress' hosts: cases are data."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from federation.plan.model.plan import IngressTarget, Plan
from tests import places
from tests.plan import building
from tests.plan.building import NAMESPACE, deployment, document, ingress, ingress_record, planned, preference, service

CASES = yaml.safe_load((places.CASES / "records" / "hosts.yaml").read_text())
TALK_SPEC = (
    'totalReplicas: 15, clusters: {"*": {weight: 2, maxReplicas: 12}, '
    "ap-northeast: {weight: 1, minReplicas: 1, maxReplicas: 3}}"
)
PLACEMENT: Mapping[str, Any] = {"placement": {"clusterSelector": {}}}


def _flow(value: Any) -> str:
    return str(yaml.safe_dump(value, default_flow_style=True, width=10_000)).strip()


def _extra(each: dict[str, Any]) -> str:
    if each["kind"] == "Deployment":
        return deployment(each["name"], replicas=each["replicas"])
    app = each.get("app", each["name"])
    return service(each["name"], body=f"selector: {{app: {app}}}, ports: [{{port: 80}}]")


def _text(case: dict[str, Any]) -> str:
    text = NAMESPACE + deployment() + service(body="selector: {app: web}, ports: [{port: 80}]")
    text += preference(spec=case.get("preference", TALK_SPEC)) + "".join(map(_extra, case.get("extra", ())))
    text += ingress(*case.get("backends", ["web"]), spec=_flow(case.get("ingress", PLACEMENT))[1:-1])
    return text + ingress_record(spec=f"hosts: {_flow(case.get('hosts', ['shop.fed.test']))}")


@pytest.mark.parametrize("case", [pytest.param(case, id=case["case"]) for case in CASES])
def test_hosts_are_planned_as_these_sets(case: dict[str, Any]) -> None:
    made = planned(_text(case), lost=tuple(case.get("lost", ())), dns={"policy": case.get("policy", "weighted")})
    found = [building.line(each).replace("fed.test", "_Z_") for each in made.records]
    assert sorted(found) == sorted(case["sets"])


def _reasons(made: Plan) -> list[str]:
    return [reason for each in made.records if isinstance(each.target, IngressTarget) for reason in each.reasons]


def test_every_set_says_what_its_weight_stands_for() -> None:
    assert _reasons(planned(_text({}))) == [
        "replicas behind the Ingress' Services: Deployment web 3",
        "replicas behind the Ingress' Services: Deployment web 6",
        "replicas behind the Ingress' Services: Deployment web 6",
    ]


def test_equal_weights_say_what_could_not_be_counted() -> None:
    west = document(
        "FederatedService",
        "api",
        "{template: {spec: {ports: [{port: 80}]}}, placement: {clusters: [{name: us-west}]}}",
    )
    made = planned(_text({"backends": ["web", "api"]}) + west)
    missing = "Service api does not go there (ap-northeast, us-east)"
    reason = f"the replicas behind the Ingress cannot be counted: {missing}, Service api has no selector (us-west)"
    assert set(_reasons(made)) == {f"{reason}: weight 1 each"}


def test_of_many_members_that_cannot_be_counted_some_are_named() -> None:
    members = {f"m{number}": {"region": "us-east-1"} for number in range(8)}
    made = planned(NAMESPACE + ingress("web") + ingress_record(), members=members)
    (reason,) = set(_reasons(made))
    assert "Service web does not go there (m0, m1, m2, m3, m4 and 3 more): weight 1 each" in reason


def test_services_without_a_workload_behind_them_say_so() -> None:
    made = planned(NAMESPACE + service() + ingress("web") + ingress_record())
    assert set(_reasons(made)) == {"no federated workload stands behind the Ingress' Services: weight 1 each"}


def test_a_host_says_that_the_ttl_has_no_part() -> None:
    (host,) = [each for each in planned(_text({})).records if not each.routing]
    assert host.reasons[-1] == "an alias has the TTL of its target; recordTTL 180 has no part"


def test_the_load_balancers_health_is_heeded_and_there_is_no_check_of_our_own() -> None:
    made = planned(_text({}), dns={"healthChecks": True})
    assert not made.health_checks
    assert all(each.evaluate_target_health and not each.health_check for each in made.records)


def test_a_default_backend_is_one_of_the_services() -> None:
    template = "{spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}}"
    behind = document("FederatedIngress", "web", f"{{template: {template}, placement: {{clusterSelector: {{}}}}}}")
    made = planned(NAMESPACE + deployment(replicas=4) + service() + behind + ingress_record())
    assert [each.weighs for each in made.records if each.routing] == [4, 4, 4]


def test_where_the_only_workload_is_lost_the_hosts_do_not_turn_to_members_without_it() -> None:
    text = NAMESPACE + deployment(spec="placement: {clusters: [{name: us-east}]}")
    text += service() + ingress("web") + ingress_record()
    assert planned(text).records
    made = planned(text, lost=("us-east",))
    assert made.records == ()
    assert "no member answers for demo/web: no DNS record is written" in str(made.warnings[0])
