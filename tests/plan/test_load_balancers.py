"""Where a load balancer answers."""

from types import MappingProxyType

import pytest

from federation.plan import load_balancers


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
