"""A simulated loss gives the same result as a plan in which the members are held."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from federation.plan.planner import plan
from federation.plan.views import simulate
from federation.plan.views.simulate import LossScenario, Outcome, Simulation
from tests.examples import examples
from tests.plan.building import (
    NAMESPACE,
    TALK,
    deployment,
    document,
    documents,
    federation,
    ingress,
    ingress_record,
    planned,
    preference,
    record,
    service,
)

REGIONS = {"a": "us-east-1", "b": "us-east-1", "c": "us-west-2", "d": "eu-west-1"}
MEMBERS = {name: {"region": region, "zones": [f"{region}a"]} for name, region in REGIONS.items()}
DAEMONS = "metadata: {labels: {app: daemon}}, spec: {containers: [{name: d, image: 'd:1'}]}"
DAEMON = f"{{template: {{spec: {{selector: {{matchLabels: {{app: daemon}}}}, template: {{{DAEMONS}}}}}}}, %s}}"


def lose(text: str, name: str) -> Outcome:
    (loss,) = simulate.losses_of(federation(), name)
    return Simulation(federation(), documents(text), Observed()).lose(loss)


def test_of_the_talk_all_replicas_are_left_whoever_is_lost() -> None:
    left = {name: lose(TALK, name).workloads[0].replicas for name in ("ap-northeast", "us-east", "us-west")}
    assert left == {
        "ap-northeast": {"us-east": 7, "us-west": 8},
        "us-east": {"ap-northeast": 3, "us-west": 12},
        "us-west": {"ap-northeast": 3, "us-east": 12},
    }
    outcome = lose(TALK, "us-east")
    assert outcome.dead == ()
    assert outcome.answered == ("web.demo.atlas.svc.fed.test",)
    assert outcome.silent == ()


def test_replicas_that_find_no_place_then_are_counted() -> None:
    text = NAMESPACE + deployment() + preference(spec="totalReplicas: 15, clusters: {'*': {weight: 1, maxReplicas: 6}}")
    assert lose(text, "us-east").workloads[0].unplaced == 3


def test_the_hosts_of_an_ingress_are_answered_while_a_member_has_it_with_replicas_behind() -> None:
    us = "placement: {clusterSelector: {matchLabels: {geo: us}}}"
    spread = preference(spec="totalReplicas: 4, clusters: {us-east: {weight: 1}, ap-northeast: {weight: 1}}")
    hosts = ingress_record(spec="hosts: [shop.fed.test, '*.shop.fed.test']")
    text = NAMESPACE + deployment() + spread + service(body="selector: {app: web}, ports: [{port: 80}]")
    text += ingress("web", spec=us) + hosts
    assert lose(text, "us-west").answered == ("*.shop.fed.test", "shop.fed.test")
    assert lose(text, "us-west").silent == ()
    # Only us-west still has the Ingress, and it has no replicas.
    assert lose(text, "us-east").answered == ()
    assert lose(text, "us-east").silent == ("*.shop.fed.test", "shop.fed.test")


def test_a_workload_in_one_member_only_does_not_survive() -> None:
    only = "placement: {clusters: [{name: us-east}]}"
    text = NAMESPACE + deployment(spec=only) + service(spec=only) + record()
    outcome = lose(text, "us-east")
    assert [(each.kind, each.name, each.members) for each in outcome.dead] == [("Deployment", "web", ())]
    assert outcome.silent == ("web.demo.atlas.svc.fed.test",)
    assert lose(text, "us-west").dead == ()


def test_a_name_is_silent_once_the_only_workload_behind_it_is_lost_though_the_service_is_left() -> None:
    text = NAMESPACE + deployment(spec="placement: {clusters: [{name: us-east}]}") + service() + record()
    text += ingress("web") + ingress_record()
    outcome = lose(text, "us-east")
    assert outcome.answered == ()
    assert outcome.silent == ("web.demo.atlas.svc.fed.test", "shop.fed.test")
    assert lose(text, "us-west").silent == ()


def test_a_kind_without_replicas_survives_where_it_is() -> None:
    text = NAMESPACE + document("FederatedDaemonSet", "d", DAEMON % "placement: {clusters: [{name: us-east}]}")
    assert [each.kind for each in lose(text, "us-east").dead] == ["DaemonSet"]
    assert lose(text, "us-west").dead == ()


def test_what_ran_nowhere_before_is_no_casualty() -> None:
    assert lose(NAMESPACE + deployment(replicas=0), "us-east").dead == ()


def test_every_loss_is_each_member_and_each_region_of_several() -> None:
    joined = federation(MEMBERS, lost=("d",))
    found = [(each.name, each.members) for each in simulate.every_loss(joined)]
    assert found == [("a", ("a",)), ("b", ("b",)), ("c", ("c",)), ("us-east-1", ("a", "b"))]
    assert simulate.losses_of(joined, "each") == simulate.every_loss(joined)
    assert simulate.losses_of(joined, "us-west-2") == (LossScenario(name="us-west-2", members=("c",)),)
    assert simulate.losses_of(joined, "mars") == ()


def test_of_members_without_a_region_none_is_lost_with_another() -> None:
    here = {name: {"provider": "kubeconfig", "context": name} for name in ("a", "b")}
    assert [each.name for each in simulate.every_loss(federation(here))] == ["a", "b"]
    assert simulate.losses_of(federation(here), "") == ()


@st.composite
def applications(draw: st.DrawFn) -> str:
    """Workloads with and without preferences, autoscalers, Services and their names."""
    parts = [NAMESPACE]
    for name in ("web", "api"):
        some = draw(st.lists(st.sampled_from(sorted(MEMBERS)), min_size=1, unique=True))
        where = f"placement: {{clusters: [{', '.join(f'{{name: {each}}}' for each in some)}]}}"
        everywhere = "placement: {clusterSelector: {}}"
        parts.append(
            deployment(name, spec=draw(st.sampled_from((where, everywhere))), replicas=draw(st.integers(0, 9)))
        )
        if draw(st.booleans()):
            entry = st.fixed_dictionaries({"weight": st.integers(0, 4), "minReplicas": st.integers(0, 2)})
            clusters = draw(st.dictionaries(st.sampled_from((*MEMBERS, "*")), entry, max_size=4))
            flow = yaml.safe_dump(clusters, default_flow_style=True).strip()
            parts.append(preference(name, spec=f"totalReplicas: {draw(st.integers(10, 40))}, clusters: {flow}"))
        if draw(st.booleans()):
            target = f"scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}"
            limits = f"minReplicas: 1, maxReplicas: {draw(st.integers(1, 30))}"
            body = f"{{template: {{spec: {{{target}, {limits}}}}}, {everywhere}}}"
            parts.append(document("FederatedHorizontalPodAutoscaler", name, body))
        parts.append(service(name, spec=draw(st.sampled_from((where, everywhere)))))
        parts.append(record(name, spec=f"domainRef: atlas, policy: {draw(st.sampled_from(('plain', 'weighted')))}"))
    return "".join([*parts, document("FederatedDaemonSet", "d", DAEMON % where)])


def of_plan(made: Plan) -> tuple[dict[str, dict[str, int]], dict[str, int], set[str]]:
    """Non-zero and unplaced replicas by workload, and the global names, of a plan."""
    workloads = [each for each in made.workloads if each.kind in simulate.WORKLOADS]
    replicas = {each.name: {name: count for name, count in each.replicas.items() if count} for each in workloads}
    unplaced = {each.name: each.distribution.unplaced if each.distribution else 0 for each in workloads}
    return replicas, unplaced, {each.name for each in made.records if each.level == "global" and not each.routing}


@settings(max_examples=examples(150, 40), deadline=None)
@given(text=applications(), name=st.sampled_from((*MEMBERS, "us-east-1")), held=st.sampled_from(((), ("d",))))
def test_a_simulated_loss_is_the_plan_without_these_members(text: str, name: str, held: tuple[str, ...]) -> None:
    joined, read = federation(MEMBERS, lost=held), documents(text)
    (loss,) = simulate.losses_of(joined, name)
    outcome = Simulation(joined, read, Observed()).lose(loss)
    replicas, unplaced, names = of_plan(plan(federation(MEMBERS, lost=(*held, *loss.members)), read))
    assert {each.name: dict(each.replicas) for each in outcome.workloads} == replicas
    assert {each.name: each.unplaced for each in outcome.workloads} == unplaced
    before = of_plan(plan(joined, read))[2]
    assert set(outcome.answered) == names & before
    assert set(outcome.silent) == before - names


def test_a_loss_changes_nothing_of_the_simulation() -> None:
    made = Simulation(federation(), documents(TALK), Observed())
    first = [made.lose(each) for each in simulate.every_loss(federation())]
    assert first == [made.lose(each) for each in simulate.every_loss(federation())]
    assert planned(TALK).warnings == ()


@pytest.mark.parametrize("name", ["us-east", "us-east-1"])
def test_a_region_of_one_member_is_lost_with_it(name: str) -> None:
    assert lose(TALK, name).workloads == lose(TALK, "us-east").workloads
