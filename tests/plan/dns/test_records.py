"""The record sets behind a Service's names: cases are data, and Route53's rules for every tree are properties."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from federation.plan.dns.weights import scaled
from federation.plan.model.observed import Observed
from federation.plan.model.plan import AliasTarget, Plan, ServiceTarget
from tests import places
from tests.plan import building
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

CASES = yaml.safe_load((places.CASES / "records" / "trees.yaml").read_text())
TALK_SPEC = (
    'totalReplicas: 15, clusters: {"*": {weight: 2, maxReplicas: 12}, '
    "ap-northeast: {weight: 1, minReplicas: 1, maxReplicas: 3}}"
)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["case"]) for case in CASES])
def test_a_record_is_planned_as_this_tree(case: dict[str, Any]) -> None:
    text = NAMESPACE + deployment() + service() + preference(spec=case.get("preference", TALK_SPEC))
    text += record(spec=case.get("record", "domainRef: atlas")) + case.get("extra", "")
    made = planned(text, members=case.get("members"), lost=tuple(case.get("lost", ())))
    found = [building.line(each).replace("web.demo.atlas.svc", "_P_") for each in made.records]
    assert sorted(line.replace("fed.test", "_Z_") for line in found) == sorted(case["sets"])


def _holds_what_route53_asks(made: Plan) -> None:
    known: dict[str, list[str]] = {}
    names = [each.logical_name for each in made.records]
    assert len(set(names)) == len(names)
    for each in made.records:
        if isinstance(each.target, AliasTarget):
            # An alias is made after every set of its target's name, and its target exists.
            assert known[each.target.name] == list(each.target.records)
        known.setdefault(each.name, []).append(each.logical_name)
    for name in known:
        sets = [each for each in made.records if each.name == name]
        policies = {each.routing.policy if each.routing else "simple" for each in sets}
        assert len(policies) == 1
        assert len({each.type for each in sets}) == 1
        assert (policies == {"simple"}) is not name.startswith("_")
        if policies == {"simple"}:
            assert len(sets) == 1
        identifiers = [each.routing.identifier for each in sets if each.routing]
        assert len(set(identifiers)) == len(identifiers)
        assert all(each.routing is None or 0 <= (each.routing.weight or 0) <= 255 for each in sets)


members = st.dictionaries(
    st.sampled_from([f"m{number}" for number in range(6)]),
    st.sampled_from(
        [
            {"region": "us-east-1", "zones": ["us-east-1a"]},
            {"region": "us-east-1", "zones": ["us-east-1a", "us-east-1b"]},
            {"region": "us-west-2", "zones": ["us-west-2a"]},
            {"region": "eu-central-1"},
            {"region": "eu-central-1", "available": False},
            {"region": "us-west-2", "zones": ["us-west-2b"], "available": False},
        ]
    ),
    min_size=1,
)


@given(members, st.integers(0, 2000), st.sampled_from(["plain", "weighted", "latency"]))
def test_every_tree_is_one_that_route53_takes(values: dict[str, Any], total: int, policy: str) -> None:
    text = NAMESPACE + deployment() + service() + preference(spec=f"totalReplicas: {total}")
    text += record(spec=f"domainRef: atlas, policy: {policy}, dnsPrefix: www")
    text += ingress("web") + ingress_record(spec="hosts: [shop.fed.test, fed.test, '*.fed.test']")
    _holds_what_route53_asks(planned(text, members=values))


@given(members, st.integers(1, 500))
def test_a_name_stays_when_its_member_is_lost(values: dict[str, Any], total: int) -> None:
    text = NAMESPACE + deployment() + service() + preference(spec=f"totalReplicas: {total}") + record()
    before = planned(text, members=values)
    public = {each.logical_name for each in before.records if each.routing is None}
    answering = [name for name, each in values.items() if each.get("available", True)]
    assert bool(public) == bool(answering)
    for name in answering:
        after = planned(text, members=values, lost=(name,))
        kept = {each.logical_name for each in after.records}
        assert public <= kept or (answering == [name] and not kept)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 100000), max_size=8))
def test_scaling_keeps_the_order_and_lets_nobody_vanish(weights: dict[str, int]) -> None:
    made = scaled(weights)
    assert made.keys() == weights.keys()
    assert all(0 <= weight <= 255 for weight in made.values())
    assert all((weights[name] == 0) is (weight == 0) for name, weight in made.items())
    assert all(made[one] <= made[other] for one in weights for other in weights if weights[one] <= weights[other])
    if max(weights.values(), default=0) <= 255:
        assert made == weights


def _weighs(text: str, observed: Observed | None = None) -> dict[str, int | None]:
    made = planned(NAMESPACE + text + record(), observed)
    return {
        each.target.member: each.weighs
        for each in made.records
        if each.level == "region" and isinstance(each.target, ServiceTarget)
    }


def test_all_workloads_behind_the_selector_count_and_no_other() -> None:
    canary = deployment("canary", spec="placement: {clusters: [{name: us-east}]}", replicas=1).replace(
        "labels: {app: canary}", "labels: {app: web, track: canary}"
    )
    weighs = _weighs(deployment(replicas=2) + canary + deployment("other", replicas=9) + service())
    assert weighs == {"ap-northeast": 2, "us-east": 3, "us-west": 2}


def test_pod_labels_count_after_overrides() -> None:
    drained = (
        "placement: {clusterSelector: {}}, overrides: [{clusterName: us-east, clusterOverrides: "
        "[{path: /spec/template/metadata/labels/app, value: drained}]}]"
    )
    assert set(_weighs(deployment(spec=drained) + service())) == {"ap-northeast", "us-west"}


DAEMON_PODS = "{metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: x}]}}"
DAEMONS = document(
    "FederatedDaemonSet",
    "web",
    f"{{template: {{spec: {{template: {DAEMON_PODS}}}}}, placement: {{clusterSelector: {{}}}}}}",
)


def test_a_daemon_set_counts_nodes_seen_or_else_declared() -> None:
    assert _weighs(DAEMONS + service(), Observed(nodes={"us-east": 7})) == {
        "ap-northeast": 2,
        "us-east": 7,
        "us-west": 2,
    }


OWN = {"provider": "kubeconfig", "context": "own", "region": "eu-central-1"}
JOINED = {"own": OWN, "us-east": {"region": "us-east-1", "nodes": {"desired": 40, "max": 50}}}
UNCOUNTED = (
    "it is not known how many nodes DaemonSet web runs on, so the endpoints of demo/web have equal weights (in own); "
    "run `fed observe`, or write nodes: {desired: ...} for the member"
)
SERVED = NAMESPACE + DAEMONS + service() + record()
ROUTED = NAMESPACE + DAEMONS + service() + ingress("web") + ingress_record()


def _leaves(made: Plan) -> dict[str, int | None]:
    leaves = (each for each in made.records if each.level in ("region", "host"))
    return {each.target.member: each.weighs for each in leaves if not isinstance(each.target, AliasTarget)}


@pytest.mark.parametrize("text", [SERVED, ROUTED])
def test_where_nobody_has_counted_the_nodes_of_a_daemon_set_weights_are_equal_and_it_is_said(text: str) -> None:
    made = planned(text, members=JOINED)
    assert _leaves(made) == {"own": 1, "us-east": 1}
    (warning,) = made.warnings
    assert str(warning).endswith(UNCOUNTED)
    why = "it is not known how many nodes a DaemonSet behind it runs on in own: weight 1 each"
    assert why in {line for each in made.records for line in each.reasons}


@pytest.mark.parametrize("text", [SERVED, ROUTED])
def test_nodes_that_are_seen_or_declared_of_a_joined_member_count(text: str) -> None:
    observed = planned(text, Observed(nodes={"own": 5}), members=JOINED)
    declared = planned(text, members={**JOINED, "own": {**OWN, "nodes": {"desired": 5}}})
    assert _leaves(observed) == _leaves(declared) == {"own": 5, "us-east": 40}
    assert observed.warnings == declared.warnings == ()


def test_beside_given_weights_the_others_are_not_said_to_be_equal() -> None:
    given = SERVED.replace("domainRef: atlas", "domainRef: atlas, weights: {us-east: 9}")
    made = planned(given, members=JOINED)
    assert _leaves(made) == {"own": 1, "us-east": 9}
    assert "the endpoints of demo/web have 1 as weight where none is given (in own)" in str(made.warnings[0])


def test_nodes_that_no_weight_depends_on_need_not_be_counted() -> None:
    given = SERVED.replace("domainRef: atlas", "domainRef: atlas, weights: {own: 9}")
    plain = SERVED.replace("domainRef: atlas", "domainRef: atlas, policy: plain")
    assert _leaves(planned(given, members=JOINED)) == {"own": 9, "us-east": 40}
    assert planned(given, members=JOINED).warnings == planned(plain, members=JOINED).warnings == ()


@pytest.mark.parametrize("text", [SERVED, ROUTED])
def test_a_member_with_nothing_behind_a_name_gets_no_equal_weight(text: str) -> None:
    elsewhere = text.replace(DAEMONS, DAEMONS.replace("clusterSelector: {}", "clusters: [{name: own}]"))
    assert _leaves(planned(elsewhere, members=JOINED)) == {"own": 1}


def test_without_a_workload_behind_it_every_member_weighs_1_and_says_so() -> None:
    made = planned(NAMESPACE + service() + record())
    leaves = [each for each in made.records if isinstance(each.target, ServiceTarget) and each.level == "region"]
    assert [each.weighs for each in leaves] == [1, 1, 1]
    assert leaves[0].reasons == ("no federated workload matches the Service's selector: weight 1 each",)


def test_weights_given_stand_in_place_of_replicas() -> None:
    text = NAMESPACE + deployment() + service() + record(spec="domainRef: atlas, weights: {us-east: 40}")
    leaf = next(each for each in planned(text).records if each.logical_name.endswith("/us-east"))
    assert (leaf.weighs, leaf.reasons) == (40, ("weight given (web.yaml:20)",))


def test_health_checks_are_by_member_at_the_first_tcp_port() -> None:
    body = "type: LoadBalancer, selector: {app: web}, ports: [{port: 53, protocol: UDP}, {port: 8443}]"
    text = NAMESPACE + deployment() + service(body=body) + record()
    made = planned(text, dns={"healthChecks": True})
    assert [(each.logical_name, each.member, each.port) for each in made.health_checks] == [
        ("dns/health/demo/web/ap-northeast", "ap-northeast", 8443),
        ("dns/health/demo/web/us-east", "us-east", 8443),
        ("dns/health/demo/web/us-west", "us-west", 8443),
    ]
    checked = {each.target.member: each.health_check for each in made.records if isinstance(each.target, ServiceTarget)}
    assert checked == {each.member: each.logical_name for each in made.health_checks}


@pytest.mark.parametrize(
    ("kind", "expected"), [("nlb", "network"), ("external", "network"), ("nlb-ip", "network"), ("clb", "classic")]
)
def test_the_kind_of_load_balancer_follows_the_annotation_after_overrides(kind: str, expected: str) -> None:
    spec = (
        "placement: {clusterSelector: {}}, overrides: [{clusterName: us-east, clusterOverrides: [{op: add, "
        f"path: /metadata/annotations, value: {{service.beta.kubernetes.io/aws-load-balancer-type: {kind}}}}}]}}]"
    )
    made = planned(NAMESPACE + service(spec=spec) + record())
    kinds = {
        each.target.member: each.target.load_balancer for each in made.records if isinstance(each.target, ServiceTarget)
    }
    assert kinds == {"ap-northeast": "classic", "us-east": expected, "us-west": "classic"}


def test_every_alias_heeds_the_health_of_its_target() -> None:
    records = planned(TALK).records
    assert {(each.evaluate_target_health, each.type, each.ttl) for each in records} == {(True, "A", None)}


@pytest.mark.parametrize("policy", ["weighted", "plain", "latency"])
def test_where_the_only_workload_is_lost_the_name_does_not_turn_to_members_without_it(policy: str) -> None:
    only = deployment(spec="placement: {clusters: [{name: us-east}]}")
    text = NAMESPACE + only + service() + record(spec=f"domainRef: atlas, policy: {policy}")
    assert planned(text).records
    made = planned(text, lost=("us-east",))
    assert made.records == ()
    assert "no member answers for demo/web: no DNS record is written" in str(made.warnings[0])


def test_the_pods_of_a_held_member_are_known_by_their_labels_there() -> None:
    moved = "{op: replace, path: /spec/template/metadata/labels/app, value: web}"
    overridden = (
        f"placement: {{clusterSelector: {{}}}}, overrides: [{{clusterName: us-east, clusterOverrides: [{moved}]}}]"
    )
    text = NAMESPACE + deployment("other", spec=overridden) + service() + record()
    assert planned(text, lost=("us-east",)).records == ()
    assert planned(text, lost=("us-west",)).records


def test_a_service_whose_pods_nobody_federates_is_answered_by_all_alike() -> None:
    made = planned(NAMESPACE + deployment("other") + service() + record(), lost=("us-east",))
    weights = [each.routing.weight for each in made.records if each.level == "global" and each.routing]
    assert weights == [1, 1]
