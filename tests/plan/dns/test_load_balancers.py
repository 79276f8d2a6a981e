"""The address of a load balancer, read from an object's status."""

from types import MappingProxyType

import pytest

from federation.plan.dns import load_balancers
from federation.plan.model.plan import Plan
from tests.plan.building import NAMESPACE, deployment, ingress, ingress_record, planned, service

EVERYWHERE = "placement: {clusterSelector: {}}"


def status(*ingress: object) -> dict[str, object]:
    return {"loadBalancer": {"ingress": list(ingress)}}


@pytest.mark.parametrize(
    ("given", "hostname", "address"),
    [
        (status({"hostname": "a.example"}), "a.example", "a.example"),
        (status({"hostname": "a.example"}, {"hostname": "b.example"}), "a.example", "a.example"),
        (status({"ip": "192.0.2.1"}), "", "192.0.2.1"),
        (status({"ip": "192.0.2.1", "hostname": "a.example"}), "a.example", "a.example"),
        (status({"ip": "192.0.2.1", "hostname": ""}), "", "192.0.2.1"),
        (status({"ip": "192.0.2.1"}, {"hostname": "b.example"}), "", "192.0.2.1"),
        (MappingProxyType(status({"hostname": "a.example"})), "a.example", "a.example"),
        (status(), "", ""),
        (status({}), "", ""),
        ({"loadBalancer": {}}, "", ""),
        ({"loadBalancer": None}, "", ""),
        ({}, "", ""),
        (None, "", ""),
    ],
)
def test_the_first_load_balancer_is_where_it_answers(given: object, hostname: str, address: str) -> None:
    assert (load_balancers.hostname(given), load_balancers.address(given)) == (hostname, address)


def test_services_that_ask_for_one_and_ingresses_that_a_record_leads_to_have_one() -> None:
    text = NAMESPACE + deployment() + service(body="type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]")
    text += service("quiet", body="selector: {app: web}, ports: [{port: 80}]") + ingress("web", spec=EVERYWHERE)
    plan, led = planned(text), planned(text + ingress_record(spec="hosts: [shop.fed.test]"))

    def found(given: Plan) -> set[str]:
        return set(load_balancers.behind(given.member("us-west").objects, given.records))

    assert found(plan) == {"us-west/demo/Service/web"}
    assert found(led) == {"us-west/demo/Service/web", "us-west/demo/Ingress/web"}
