"""Injected values go into a plan without changing its digests, and cause no update of their own."""

from federation.plan.live import injections
from federation.plan.live.injected_values import Injected
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import Plan, PlannedObject
from tests.plan.building import NAMESPACE, document, planned

MEMBERS = {"east": {"region": "us-east-1"}, "west": {"region": "us-west-2"}}
CRD, HOOK = "east/CustomResourceDefinition/gauges.example.com", "east/ValidatingWebhookConfiguration/hook"
INJECTED = ("metadata", "annotations", "a.b/note"), ("spec", "conversion", "webhook", "clientConfig", "caBundle")


def made(version: str = "v1") -> Plan:
    everywhere = "placement: {clusterSelector: {}}"
    names = "{plural: gauges, kind: Gauge}"
    spec = f"{{group: example.com, scope: Cluster, names: {names}, versions: [{{name: {version}}}]}}"
    body = f"{{template: {{spec: {spec}}}, {everywhere}}}"
    definition = document("FederatedCustomResourceDefinition", "gauges.example.com", body)
    hook = f"{{name: a.example.com, clientConfig: {{caBundle: Cg==}}, matchPolicy: {version}}}"
    body = f"{{template: {{webhooks: [{hook}]}}, {everywhere}}}"
    webhook = document("FederatedValidatingWebhookConfiguration", "hook", body)
    return planned(NAMESPACE + definition + webhook, members=MEMBERS)


PLAN = made()
LAST = {member.name: member.index or () for member in PLAN.members}


def get(plan: Plan, name: str) -> PlannedObject:
    return next(each for each in plan.member("east").objects if each.logical_name == name)


def found(plan: Plan) -> dict[str, Injected]:
    manifest = {**get(plan, CRD).manifest, "injected": True}
    return {CRD: Injected(manifest=manifest, paths=INJECTED), HOOK: Injected(manifest=get(plan, HOOK).manifest)}


def test_an_object_that_changes_gets_the_live_values_and_no_digest_knows() -> None:
    plan = made("v2")
    applied = injections.applied(plan, found(plan), LAST, ())
    assert get(applied, CRD).manifest["injected"] is True
    assert get(applied, CRD).ignore_changes == ()
    assert (applied.digest, applied.member("east").index) == (plan.digest, plan.member("east").index)
    assert applied.member("east").digest == plan.member("east").digest


def test_an_object_that_nothing_changes_keeps_the_values_of_its_last_update() -> None:
    applied = injections.applied(PLAN, found(PLAN), LAST, ())
    assert get(applied, CRD).ignore_changes == (
        'metadata.annotations["a.b/note"]',
        "spec.conversion.webhook.clientConfig.caBundle",
    )
    assert get(applied, HOOK).ignore_changes == ()
    assert injections.applied(PLAN, found(PLAN), LAST, (CRD,)).member("east").objects[0].ignore_changes == ()


def test_what_could_not_be_looked_at_keeps_all_that_others_may_have_there() -> None:
    applied = injections.applied(PLAN, {}, LAST, ())
    assert get(applied, CRD).ignore_changes == (
        "metadata.annotations",
        "metadata.finalizers",
        "metadata.labels",
        "metadata.ownerReferences",
        "spec.conversion",
    )
    assert get(applied, HOOK).ignore_changes == ("webhooks[0].clientConfig.caBundle",)
    plan = made("v2")
    assert injections.applied(plan, {}, LAST, ()) == plan
    assert injections.applied(PLAN, {}, {}, ()) == PLAN


def test_whether_an_object_changes_must_be_known() -> None:
    unknown = {"east": tuple(IndexEntry(logical_name=each.logical_name, token=each.token) for each in LAST["east"])}
    assert injections.applied(PLAN, {}, unknown, ()) == PLAN


def test_a_definition_or_a_webhook_that_changes_unseen_is_warned_of() -> None:
    plan = made("v2")
    lines = [str(each) for each in injections.unread(plan, {CRD, HOOK}, LAST, ())]
    assert len(lines) == 2
    assert "west/CustomResourceDefinition/gauges.example.com could not be looked at: this update removes" in lines[0]
    assert lines[0].startswith("warning: web.yaml:7: ")
    assert (
        "west/ValidatingWebhookConfiguration/hook could not be looked at: this update puts the template's" in lines[1]
    )
    assert injections.unread(plan, {CRD, HOOK}, LAST, {"west"}) == ()
    assert injections.unread(PLAN, (), LAST, ()) == ()
    assert injections.unread(plan, (), {}, ()) == ()


def test_a_plan_without_such_objects_is_shared() -> None:
    plan = planned(NAMESPACE)
    assert injections.applied(plan, {}, {}, ()).members[0] is plan.members[0]
