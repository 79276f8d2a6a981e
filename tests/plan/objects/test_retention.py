"""The fields and objects that the plan retains."""

from typing import Any

import pytest

from federation.plan.model import object_index
from federation.plan.model.observed import Observed
from federation.plan.model.plan import MemberPlan, PlannedObject
from tests.plan import building
from tests.plan.building import NAMESPACE, document, planned


def made(kind: str, spec: str, annotations: str = "{}") -> PlannedObject:
    text = document(kind, "web", spec).replace("namespace: demo}", f"namespace: demo, annotations: {annotations}}}")
    plan = planned(NAMESPACE + text, members={"one": {"region": "us-east-1"}, "two": {"region": "us-west-2"}})
    return next(each for each in plan.member("one").objects if each.kind == kind.removeprefix("Federated"))


def service(**spec: Any) -> str:
    return f"{{placement: {{clusterSelector: {{}}}}, template: {{spec: {spec}}}}}".replace("'", "")


def overridden(spec: str, override: str, member: str = "one") -> str:
    entry = f"{{clusterName: {member}, clusterOverrides: [{override}]}}"
    return f"{spec.removesuffix('}')}, overrides: [{entry}]}}"


def planned_service(spec: str, observed: Observed | None = None) -> MemberPlan:
    text = NAMESPACE + building.service(body=f"type: NodePort, {spec}")
    return planned(text, observed, members={"one": {"region": "us-east-1"}}).member("one")


EVERYWHERE = "{placement: {clusterSelector: {}}}"
WORKLOAD = "{placement: {clusterSelector: {}}, retainReplicas: true, template: {spec: {replicas: 2, paused: true}}}"


@pytest.mark.parametrize(
    ("spec", "paths"),
    [
        ({}, ()),
        ({"clusterIP": "None"}, ()),
        ({"clusterIP": "10.0.0.9", "clusterIPs": ["10.0.0.9"]}, ("spec.clusterIP", "spec.clusterIPs")),
        ({"healthCheckNodePort": 30001}, ("spec.healthCheckNodePort",)),
        ({"ports": [{"port": 80}, {"port": 443, "nodePort": 30443}]}, ("spec.ports[1].nodePort",)),
    ],
)
def test_a_service_keeps_the_addresses_that_its_template_gave_it(spec: dict[str, Any], paths: tuple[str, ...]) -> None:
    assert made("FederatedService", service(**spec)).ignore_changes == paths


FIXED = {"clusterIP": "10.0.0.9", "clusterIPs": ["10.0.0.9"], "ports": [{"port": 80, "nodePort": 30080}]}
ADDRESSES = ("spec.clusterIP", "spec.clusterIPs")
OTHER = "{port: 443, nodePort: 30443}"


@pytest.mark.parametrize(
    ("override", "paths"),
    [
        ("{path: /spec/ports/0/nodePort, value: 30081}", ADDRESSES),
        ("{path: /spec/ports/-1/nodePort, value: 30081}", ADDRESSES),
        ("{path: /spec/ports/0/targetPort, value: 8080}", (*ADDRESSES, "spec.ports[0].nodePort")),
        (f"{{op: add, path: /spec/ports/0, value: {OTHER}}}", (*ADDRESSES, "spec.ports[1].nodePort")),
        (f"{{op: add, path: /spec/ports/-, value: {OTHER}}}", (*ADDRESSES, "spec.ports[0].nodePort")),
        (f"{{path: /spec/ports, value: [{OTHER}]}}", ADDRESSES),
        ("{path: /spec/clusterIP, value: 10.0.0.8}", ("spec.clusterIPs", "spec.ports[0].nodePort")),
        ("{path: /spec/clusterIPs/0, value: 10.0.0.8}", ("spec.clusterIP", "spec.ports[0].nodePort")),
        ("{op: add, path: /spec/healthCheckNodePort, value: 30001}", (*ADDRESSES, "spec.ports[0].nodePort")),
        (f"{{path: /spec, value: {{clusterIP: 10.0.0.8, ports: [{OTHER}]}}}}", ()),
    ],
)
def test_an_override_comes_after_what_a_service_keeps(override: str, paths: tuple[str, ...]) -> None:
    assert made("FederatedService", overridden(service(**FIXED), override)).ignore_changes == paths


@pytest.mark.parametrize(
    ("override", "paths"),
    [
        ("{path: /spec/replicas, value: 5}", ()),
        ("{path: /spec, value: {replicas: 5}}", ()),
        ("{path: /spec/replicas, value: 5}, {op: remove, path: /spec/paused}", ()),
        ("{path: /spec/paused, value: false}", ("spec.replicas",)),
    ],
)
def test_an_override_of_the_replicas_beats_retain_replicas(override: str, paths: tuple[str, ...]) -> None:
    found = made("FederatedDeployment", overridden(WORKLOAD, override))
    assert found.ignore_changes == paths
    said = [line for line in found.reasons if "is not retained" in line]
    path = "/spec" if "/spec," in override else "/spec/replicas"
    expected = f"spec.replicas is not retained: an override of {path} (web.yaml:10) comes after that"
    assert said == ([] if paths else [expected])


def test_an_override_counts_only_in_the_members_that_it_is_for() -> None:
    found = overridden(WORKLOAD, "{path: /spec/replicas, value: 5}", "two")
    assert made("FederatedDeployment", found).ignore_changes == ("spec.replicas",)


def ports(*keys: str) -> str:
    """The ports of a Service, each ``name:port:nodePort``, or more."""
    split = [each.split(":") for each in keys]
    return "[" + ", ".join(f"{{name: {name}, port: {port}, nodePort: {fixed}}}" for name, port, fixed in split) + "]"


HTTP, HTTPS, ADMIN = "http:80:30080", "https:443:30443", "admin:8081:30081"
NAMED, UNNAMED = "spec.ports[{}].nodePort", "{port: 80, nodePort: 30080}"


@pytest.mark.parametrize(
    ("before", "after", "indices"),
    [
        (ports(HTTP, HTTPS), ports(HTTP, HTTPS), (0, 1)),
        (ports(HTTP, HTTPS), ports("http:80:30090", HTTPS), (0, 1)),
        (ports(HTTP, HTTPS), ports(HTTPS, HTTP), ()),
        (ports(HTTP, HTTPS), ports(HTTPS), ()),
        (ports(HTTP, HTTPS), ports(HTTP), (0,)),
        (ports(HTTP, HTTPS), ports(HTTP, ADMIN, HTTPS), (0,)),
        (ports(HTTP), ports(HTTP, HTTPS), (0,)),
        (ports(HTTP), ports("web:80:30080"), ()),
        (ports(HTTP), ports("http:8080:30080"), ()),
        (f"[{UNNAMED}]", "[{port: 80, protocol: TCP, nodePort: 30090}]", (0,)),
        (f"[{UNNAMED}]", "[{port: 80, protocol: UDP, nodePort: 30080}]", ()),
        ("[]", f"[{UNNAMED}]", ()),
        ("[{port: 80}]", f"[{{port: 81, nodePort: 30081}}, {UNNAMED}]", ()),
    ],
)
def test_a_node_port_is_kept_where_the_same_port_was_at_its_place(
    before: str, after: str, indices: tuple[int, ...]
) -> None:
    last = planned_service(f"ports: {before}").index or ()
    said = Observed(registered={"one": object_index.from_text(object_index.to_text(last))})
    (found,) = [each for each in planned_service(f"ports: {after}", said).objects if each.kind == "Service"]
    assert found.ignore_changes == tuple(NAMED.format(index) for index in indices)
    assert len([line for line in found.reasons if "is not retained" in line]) == after.count("nodePort") - len(indices)


def test_a_node_port_that_is_not_kept_says_why() -> None:
    last = planned_service(f"ports: {ports(HTTP)}").index or ()
    after = planned_service(f"ports: [{UNNAMED}]", Observed(registered={"one": last}))
    (found,) = [each for each in after.objects if each.kind == "Service"]
    assert found.reasons[-1] == (
        "spec.ports[0].nodePort is not retained: another port, or none, was at this place at the last update"
    )


@pytest.mark.parametrize(
    "text", ['["kubernetes:core/v1:Service","d"]', '["kubernetes:core/v1:Service","d",-1,"orphan"]']
)
def test_node_ports_are_kept_by_place_where_the_last_update_wrote_no_ports_down(text: str) -> None:
    last = object_index.from_text(f'index/1 {{"one/demo/Service/web":{text}}}')
    for registered in (None, {}, {"one": ()}, {"one": last}):
        made_ = planned_service(f"ports: {ports(HTTP, HTTPS)}", Observed(registered=registered))
        (found,) = [each for each in made_.objects if each.kind == "Service"]
        assert found.ignore_changes == (NAMED.format(0), NAMED.format(1))


def test_what_was_observed_of_an_unchanged_service_changes_no_digest() -> None:
    first = planned_service(f"ports: {ports(HTTP, HTTPS)}")
    again = planned_service(f"ports: {ports(HTTP, HTTPS)}", Observed(registered={"one": first.index or ()}))
    assert (again.digest, again.index) == (first.digest, first.index)
    assert {each.kind: each.ports for each in first.index or ()} == {
        "Namespace": None,
        "Service": ("http/TCP/80", "https/TCP/443"),
    }


def test_an_orphan_is_marked_in_the_plan_and_in_the_index() -> None:
    planned_object = made("FederatedConfigMap", EVERYWHERE, '{kubefed.io/orphan: "true"}')
    assert planned_object.orphan
    assert not made("FederatedConfigMap", EVERYWHERE).orphan


def test_an_orphan_changes_the_digest_of_its_member() -> None:
    def digest(annotations: str) -> str:
        text = document("FederatedConfigMap", "web", EVERYWHERE)
        text = text.replace("namespace: demo}", f"namespace: demo, annotations: {annotations}}}")
        return planned(NAMESPACE + text).members[0].digest

    assert digest('{kubefed.io/orphan: "true"}') != digest("{}")
    assert digest('{kubefed.io/orphan: "false"}') == digest("{}")


@pytest.mark.parametrize("replicas", [-1, 0, 3])
@pytest.mark.parametrize("orphan", [True, False])
@pytest.mark.parametrize("ports", [None, (), ("/TCP/80", "b/UDP/53")])
def test_the_index_comes_back_as_it_was_written(replicas: int, orphan: bool, ports: tuple[str, ...] | None) -> None:
    entry = object_index.IndexEntry(
        logical_name="a/b/Deployment/c",
        token="kubernetes:apps/v1:Deployment",
        replicas=replicas,
        orphan=orphan,
        ports=ports,
    )
    assert object_index.from_text(object_index.to_text([entry])) == (entry,)


def test_a_deletion_policy_goes_with_the_object() -> None:
    options = '{kubefed.io/deleteoption: \'{"propagationPolicy": "Orphan"}\'}'
    annotations = made("FederatedConfigMap", EVERYWHERE, options).manifest["metadata"]["annotations"]
    assert annotations["pulumi.com/deletionPropagationPolicy"] == "orphan"
    assert set(made("FederatedConfigMap", EVERYWHERE).manifest["metadata"]["annotations"]) == {
        "pulumi.com/patchFieldManager"
    }
