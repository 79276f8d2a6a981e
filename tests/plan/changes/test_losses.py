"""A loss that no later update restores is refused by name, and passes when its target is allowed."""

from dataclasses import replace
from typing import Any

import pytest

from federation.plan.changes import cluster_identity, guard, renames, replacements
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from federation.plan.model.standing import Standing
from federation.plan.planner import plan
from tests.plan.building import (
    NAMESPACE,
    THE_TALK,
    deployment,
    document,
    documents,
    federation,
    ingress,
    ingress_record,
    planned,
    record,
    service,
)

EVERYWHERE = "placement: {clusterSelector: {}}"
US = "placement: {clusterSelector: {matchLabels: {geo: us}}}"
WEB = NAMESPACE + deployment() + service() + record()
CLAIM = document(
    "FederatedPersistentVolumeClaim", "data", f"{{template: {{spec: {{storageClassName: fast}}}}, {EVERYWHERE}}}"
)
SET = document("FederatedStatefulSet", "db", f"{{template: {{spec: {{serviceName: db}}}}, {US}}}")
WEBHOOK = document("FederatedValidatingWebhookConfiguration", "policy", f"{{template: {{webhooks: []}}, {EVERYWHERE}}}")
CHANGED_SELECTOR = ("app: web", "app: shop")
WAVES = {name: {**values, "wave": number} for number, (name, values) in enumerate(THE_TALK.items())}

HALF = Standing(resources={"aws:ec2/vpc:Vpc": 1}, cidr="10.0.0.0/16")
MEANT: tuple[dict[str, Any], ...] = ({"plan": {"unjoin": ["eu-west"]}}, {"guard": {"allow": ["Cluster/eu-west"]}})

REFUSED = {
    "a claim is removed": (
        NAMESPACE + CLAIM,
        NAMESPACE,
        "demo/PersistentVolumeClaim/data",
        "would be removed in ap-northeast, us-east, us-west, with what is stored behind it",
    ),
    "a claim is replaced": (
        NAMESPACE + CLAIM,
        NAMESPACE + CLAIM.replace("fast", "slow"),
        "demo/PersistentVolumeClaim/data",
        "would be replaced in ap-northeast, us-east, us-west",
    ),
    "a claim leaves members": (
        NAMESPACE + CLAIM,
        NAMESPACE + CLAIM.replace(EVERYWHERE, US),
        "demo/PersistentVolumeClaim/data",
        "would be removed in ap-northeast, with what",
    ),
    "a stateful set is removed": (
        NAMESPACE + SET,
        NAMESPACE,
        "demo/StatefulSet/db",
        "would be removed in us-east, us-west, with the pods that hold its data",
    ),
    "a stateful set is replaced": (
        NAMESPACE + SET,
        NAMESPACE + SET.replace("serviceName: db", "serviceName: other"),
        "demo/StatefulSet/db",
        "would be replaced in us-east, us-west",
    ),
    "a webhook is removed": (
        NAMESPACE + WEBHOOK,
        NAMESPACE,
        "ValidatingWebhookConfiguration/policy",
        "would be removed in ap-northeast, us-east, us-west, and objects are admitted there without what it checks",
    ),
    "a workload is replaced everywhere": (
        NAMESPACE + deployment(),
        NAMESPACE + deployment().replace(*CHANGED_SELECTOR),
        "demo/Deployment/web",
        "would be replaced in all members that run it (ap-northeast, us-east, us-west), since spec.selector",
    ),
    "a name is removed": (
        WEB,
        WEB.removesuffix(record()) + ingress("web") + ingress_record(),
        "web.demo.atlas.svc.fed.test",
        "DNS name web.demo.atlas.svc.fed.test would be removed, and 6 below it (limit: no name)",
    ),
    "the last name is removed, and the zone stays": (
        WEB,
        WEB.removesuffix(record()),
        "web.demo.atlas.svc.fed.test",
        "DNS name web.demo.atlas.svc.fed.test would be removed, and 6 below it",
    ),
}


def standing(made: Plan) -> Observed:
    """The observed state after an update of ``made``."""
    names = tuple(sorted({each.name for each in made.records if each.routing is None}))
    registered = {each.name: each.index or () for each in made.members}
    return Observed(registered=registered, names_before=names, zone_before=made.zone if names else "")


def refusals(before: str, after: str, **settings: Any) -> list[str]:
    made = standing(planned(before, **settings))
    joined = federation(**settings)
    return [str(each) for each in guard.refusals(joined, planned(after, made, **settings), made)]


@pytest.mark.parametrize(("before", "after", "target", "says"), REFUSED.values(), ids=REFUSED)
def test_a_loss_is_refused_until_its_target_is_allowed(before: str, after: str, target: str, says: str) -> None:
    (line,) = refusals(before, after)
    assert says in line
    assert f"allow it under guard: {{allow: [{target}]}}, or for this one update with `fed up --allow {target}`" in line
    assert refusals(before, after, guard={"allow": [target]}) == []
    assert refusals(before, before) == []
    assert refusals(after, after) == []


@pytest.mark.parametrize("allowed", ["Namespace/demo", "demo/Service/web", "demo/ServiceDNSRecord/web"])
def test_a_services_name_may_go_with_what_it_is_the_name_of(allowed: str) -> None:
    after = WEB.removesuffix(record()) + ingress("web") + ingress_record()
    assert refusals(WEB, after, guard={"allow": [allowed]}) == []


def test_the_names_of_a_region_may_go_while_the_one_above_stays() -> None:
    only_us = NAMESPACE + deployment(spec=US) + service(spec=US) + record()
    (line,) = refusals(WEB, only_us)
    assert "the last replicas in ap-northeast-1 would go of demo/Deployment/web" in line
    assert "DNS" not in line


def test_another_zone_or_none_is_refused() -> None:
    before = standing(planned(WEB))
    changed: tuple[dict[str, Any], ...] = (
        {"zone": "other.test"},
        {"dns": {"provider": "none"}},
        {"dns": {"zoneId": "Z1"}},
    )
    for settings in changed:
        found = guard.refusals(federation(**settings), planned(WEB, before, **settings), before)
        assert ["hosted zone fed.test" in str(each) for each in found] == [True], settings


def test_a_zone_that_was_given_is_not_ours_to_lose() -> None:
    before = replace(standing(planned(WEB)), zone_before="")
    settings: dict[str, Any] = {"dns": {"zoneId": "Z2"}}
    assert guard.refusals(federation(**settings), planned(WEB, before, **settings), before) == ()


def test_waves_replace_a_workload_one_member_after_the_other() -> None:
    before, after = NAMESPACE + deployment(), NAMESPACE + deployment().replace(*CHANGED_SELECTOR)
    assert refusals(before, after, members=WAVES) == []


def test_what_is_replaced_in_one_member_of_three_passes() -> None:
    path = (
        "{path: /spec/selector/matchLabels/app, value: shop}, {path: /spec/template/metadata/labels/app, value: shop}"
    )
    override = f"overrides: [{{clusterName: us-east, clusterOverrides: [{path}]}}], {EVERYWHERE}"
    assert refusals(NAMESPACE + deployment(), NAMESPACE + deployment(spec=override)) == []


def test_a_half_done_replacement_keeps_nothing_running() -> None:
    before = standing(planned(NAMESPACE + deployment(spec=US)))
    after = NAMESPACE + deployment(spec=US).replace(*CHANGED_SELECTOR)
    wanted = {each.logical_name: each for each in planned(after, before).member("us-east").index or ()}
    stood = [
        replacements.failed(wanted[each.logical_name], each) if each.kind == "Deployment" else each
        for each in (before.registered or {})["us-east"]
    ]
    failed = replace(before, registered={**(before.registered or {}), "us-east": tuple(stood)})
    made = planned(after, failed)
    (line,) = (str(each) for each in guard.refusals(federation(), made, failed))
    assert "demo/Deployment/web would be replaced in all members that run it (us-west)" in line
    waiting = {
        each.member: each.after for member in made.members for each in member.objects if each.kind == "Deployment"
    }
    assert waiting == {"us-east": (), "us-west": ("us-east/demo/Deployment/web",)}


def test_a_lost_member_takes_its_names_along() -> None:
    only = "placement: {clusters: [{name: us-east}]}"
    text = WEB + service("shop", spec=only) + deployment("shop", spec=only) + record("shop")
    made = standing(planned(text))
    assert guard.refusals(federation(lost=("us-east",)), planned(text, made, lost=("us-east",)), made) == ()


def test_what_a_member_holds_in_an_allowed_namespace_may_be_all_of_it() -> None:
    assert refusals(NAMESPACE + CLAIM, "", guard={"allow": ["Namespace/demo"]}) == []


def test_a_service_in_another_zone_has_another_name() -> None:
    before = replace(standing(planned(WEB)), zone_before="")
    settings: dict[str, Any] = {"dns": {"zoneId": "Z1"}, "zone": "other.test"}
    (line,) = (str(each) for each in guard.refusals(federation(**settings), planned(WEB, before, **settings), before))
    assert "DNS name web.demo.atlas.svc.fed.test would be removed, and 6 below it" in line


def test_what_is_replaced_by_permission_goes_one_member_after_the_other() -> None:
    before = standing(planned(NAMESPACE + deployment()))
    made = planned(NAMESPACE + deployment().replace(*CHANGED_SELECTOR), before)
    after = {each.member: each.after for member in made.members for each in member.objects if each.kind == "Deployment"}
    assert after == {
        "ap-northeast": (),
        "us-east": ("ap-northeast/demo/Deployment/web",),
        "us-west": ("us-east/demo/Deployment/web",),
    }


def test_a_custom_resource_definition_is_told_with_the_objects_that_go_with_it() -> None:
    definition = document(
        "FederatedCustomResourceDefinition",
        "widgets.example.com",
        "{template: {spec: {group: example.com, scope: Namespaced, names: {kind: Widget, plural: widgets}, "
        f"versions: [{{name: v1, served: true, storage: true}}]}}}}, {US}}}",
    )
    (line,) = refusals(NAMESPACE + definition, NAMESPACE)
    assert (
        "CustomResourceDefinition/widgets.example.com would be removed in us-east, us-west, with every object" in line
    )


def test_a_cluster_of_ours_is_not_deleted_by_leaving_a_member_out() -> None:
    before = replace(standing(planned(NAMESPACE)), roles_before={"us-east": "", "eu-west": ""})
    (line,) = (str(each) for each in guard.refusals(federation(), planned(NAMESPACE, before), before))
    assert "the EKS cluster of eu-west would be deleted with its network, its nodes and all that runs there" in line
    for settings in MEANT:
        assert guard.refusals(federation(**settings), planned(NAMESPACE, before, **settings), before) == ()


def test_a_cluster_that_was_never_finished_is_not_deleted_so_either() -> None:
    before = replace(standing(planned(NAMESPACE)), clusters={"eu-west": HALF, "never": Standing()})
    (line,) = (str(each) for each in guard.refusals(federation(), planned(NAMESPACE, before), before))
    assert "the EKS cluster of eu-west would be deleted with its network, its nodes and all that runs there" in line
    for settings in MEANT:
        assert guard.refusals(federation(**settings), planned(NAMESPACE, before, **settings), before) == ()


def test_an_unfinished_clusters_name_is_none_that_is_new() -> None:
    before = replace(standing(planned(NAMESPACE)), clusters={"eu-west": HALF})
    members = {**THE_TALK, "eu-west": {"region": "eu-west-1", "zones": ["eu-west-1a"]}}
    assert renames.newcomers(federation(members), before) == ()


@pytest.mark.parametrize("finished", [True, False])
def test_a_cluster_whose_member_is_found_by_a_kubeconfig_now_is_lost_too(finished: bool) -> None:
    known = {"roles_before": {"us-east": ""}} if finished else {"clusters": {"us-east": HALF}}
    before = replace(standing(planned(NAMESPACE)), **known)
    settings: dict[str, Any] = {"members": {**THE_TALK, "us-east": {"provider": "kubeconfig", "context": "us-east"}}}
    (line,) = (
        str(each) for each in guard.refusals(federation(**settings), planned(NAMESPACE, before, **settings), before)
    )
    assert "the EKS cluster of us-east would be deleted" in line
    assert "since us-east is no longer an eks member (limit: no cluster)" in line


def test_a_member_that_leaves_with_objects_is_told_once_with_its_cluster() -> None:
    made = standing(planned(NAMESPACE))
    stood = IndexEntry(logical_name="eu-west/demo/ConfigMap/a", token="kubernetes:core/v1:ConfigMap")
    before = replace(made, registered={**(made.registered or {}), "eu-west": (stood,)}, roles_before={"eu-west": ""})
    (line,) = (str(each) for each in guard.refusals(federation(), planned(NAMESPACE, before), before))
    assert "eu-west is no longer a member: all of its 1 objects would be removed, with its EKS cluster, network" in line


ELSEWHERE: dict[str, Any] = {"eu-west": {"region": "eu-central-1", "zones": ["eu-central-1a"]}}
ORPHAN = IndexEntry(logical_name="eu-west/demo/ConfigMap/a", token="kubernetes:core/v1:ConfigMap", orphan=True)


def moved(*, lost: tuple[str, ...] = (), left: tuple[IndexEntry, ...] = (), **settings: Any) -> list[str]:
    """The guard's refusals of moving the EKS member eu-west, which has only the objects ``left``."""
    here = "placement: {clusters: [{name: us-east}]}"
    text = NAMESPACE.replace("placement: {clusterSelector: {}}", here)
    made = federation({**THE_TALK, **ELSEWHERE}, lost=lost, **settings)
    before = Observed(
        registered={"eu-west": left} if left else {},
        clusters={"eu-west": replace(HALF, cluster="atlas-dev-eu-west")},
        roles_before={"eu-west": ""},
        identities_before={"eu-west": "eks eu-west-1 10.0.0.0/16 atlas-dev-eu-west"},
        identities={member.name: cluster_identity.of_eks(made, member) for member in made.members},
    )
    made_plan = plan(made, documents(text), before)
    return [str(each) for each in guard.refusals(made, made_plan, before)]


@pytest.mark.parametrize("left", [(), (ORPHAN,)], ids=["nothing", "orphans"])
def test_a_cluster_without_objects_of_ours_is_not_replaced_by_moving_its_member(left: tuple[IndexEntry, ...]) -> None:
    (line,) = moved(left=left)
    assert (
        "the EKS cluster of eu-west would be replaced with its network, its nodes and all that runs there, since its "
        "member leads to another one: eks eu-west-1 10.0.0.0/16 atlas-dev-eu-west -> eks eu-central-1 10.0.0.0/16 "
        "atlas-dev-eu-west (limit: no cluster); put back what led to it, or name it under plan: {unjoin: [eu-west]}; "
        "if this is meant, allow it under guard: {allow: [Cluster/eu-west]}"
    ) in line
    for settings in MEANT:
        assert moved(left=left, **settings) == []


def test_a_quarantined_cluster_is_replaced_by_no_entry_of_unjoin() -> None:
    (line,) = moved(lost=("eu-west",), plan={"unjoin": ["eu-west"]})
    assert "the EKS cluster of eu-west would be replaced" in line
