"""Paused objects go on in their members, and leave with them: DNS still counts them and leads to them."""

from typing import Any

import pytest

from federation.errors.fault import FaultsFoundError
from federation.plan.changes import diff
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan, ServiceTarget
from federation.plan.planner import plan
from federation.plan.views.simulate import LossScenario, Outcome, Simulation
from tests.plan.building import (
    NAMESPACE,
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

DIVIDED = preference(spec="totalReplicas: 9, clusters: {us-east: {weight: 2}, us-west: {weight: 1}}")
WEB = NAMESPACE + deployment() + DIVIDED + service() + record() + ingress("web") + ingress_record()
EVERYWHERE = "placement: {clusterSelector: {}}"
NOWHERE = "placement: {clusters: []}"


def rests(kind: str, group: str = "apps") -> str:
    return f"""
apiVersion: core.kubefed.io/v1beta1
kind: FederatedTypeConfig
metadata: {{name: {kind.lower()}s, namespace: kube-federation-system}}
spec:
  targetType: {{group: "{group}", version: v1, kind: {kind}, pluralName: {kind.lower()}s, scope: Namespaced}}
  federatedType: {{group: types.kubefed.io, version: v1beta1, kind: Federated{kind}, scope: Namespaced}}
  propagation: Disabled
---
"""


def left_by(text: str) -> Observed:
    """What an update with ``text`` leaves behind."""
    return Observed(registered={member.name: member.index or () for member in planned(text).members})


def after(text: str, seen: Observed, *, lost: tuple[str, ...] = ()) -> Plan:
    return plan(federation(lost=lost), documents(text), seen)


def weighs(made: Plan, level: str = "region") -> dict[str, int | None]:
    """What each member's answer for the Service weighs."""
    found = (each for each in made.records if each.level == level and isinstance(each.target, ServiceTarget))
    return {each.target.member: each.weighs for each in found if isinstance(each.target, ServiceTarget)}


def lose(text: str, seen: Observed, member: str) -> Outcome:
    return Simulation(federation(), documents(text), seen).lose(LossScenario(name=member, members=(member,)))


def test_a_workload_that_rests_is_counted_as_the_last_update_left_it() -> None:
    seen = left_by(WEB)
    assert weighs(planned(WEB)) == {"us-east": 6, "us-west": 3}
    # Whatever its documents say since: its replicas, its preference, its placement.
    for text in (WEB, WEB.replace("totalReplicas: 9", "totalReplicas: 90"), WEB.replace(DIVIDED, "")):
        assert weighs(after(text + rests("Deployment"), seen)) == {"us-east": 6, "us-west": 3}
    gone = WEB.replace(deployment(), deployment(spec=NOWHERE)).replace(DIVIDED, "")
    assert weighs(after(gone + rests("Deployment"), seen)) == {"us-east": 6, "us-west": 3}


def test_the_records_of_what_rests_are_those_of_before() -> None:
    before, now = planned(WEB), after(WEB + rests("Deployment"), left_by(WEB))
    assert [each.routing for each in now.records] == [each.routing for each in before.records]
    assert [each.name for each in now.records] == [each.name for each in before.records]
    reasons = {line for each in now.records for line in each.reasons}
    assert "replicas behind the Service's selector: Deployment web 6 (paused)" in reasons
    assert "replicas behind the Ingress' Services: Deployment web 3 (paused)" in reasons


def test_what_rests_and_stands_nowhere_is_not_counted() -> None:
    made = after(WEB + rests("Deployment"), left_by(NAMESPACE))
    assert weighs(made) == {"ap-northeast": 1, "us-east": 1, "us-west": 1}


def test_where_nobody_has_looked_the_documents_tell_what_stands() -> None:
    assert weighs(planned(WEB + rests("Deployment"))) == {"us-east": 6, "us-west": 3}


def test_where_the_replicas_that_the_last_update_left_are_not_known_the_documents_tell_them() -> None:
    entries = (IndexEntry(logical_name="us-east/demo/Deployment/web", token="kubernetes:apps/v1:Deployment"),)
    made = after(WEB.replace(DIVIDED, "") + rests("Deployment"), Observed(registered={"us-east": entries}))
    assert weighs(made) == {"us-east": 2}


def test_what_rests_in_members_that_are_held_is_known() -> None:
    text = WEB.replace(deployment() + DIVIDED, deployment(spec="placement: {clusters: [{name: us-east}]}"))
    made = after(text + rests("Deployment"), left_by(text), lost=("us-east",))
    assert made.records == ()


def test_of_what_rests_a_loss_leaves_what_stands_in_the_other_members() -> None:
    seen = left_by(WEB)
    for member, left in (("us-east", {"us-west": 3}), ("us-west", {"us-east": 6})):
        outcome = lose(WEB + rests("Deployment"), seen, member)
        assert [(each.kind, each.replicas, each.unplaced) for each in outcome.workloads] == [("Deployment", left, 0)]
        assert outcome.dead == ()
        assert outcome.answered == ("web.demo.atlas.svc.fed.test", "shop.fed.test")


def test_what_rests_in_one_member_only_does_not_survive_its_loss() -> None:
    text = WEB.replace(DIVIDED, preference(spec="totalReplicas: 3, clusters: {us-east: {weight: 1}}"))
    outcome = lose(text + rests("Deployment"), left_by(text), "us-east")
    assert [each.name for each in outcome.dead] == ["web"]
    assert outcome.silent == ("web.demo.atlas.svc.fed.test", "shop.fed.test")


def said(made: Plan) -> list[str]:
    """What the warnings say of DNS records: all but those of the documents that rest."""
    return [str(each) for each in made.warnings if "propagation of its type is Disabled" not in str(each)]


LEADS = "leads where the last update left it; set propagation: Enabled in its FederatedTypeConfig"


def test_a_name_goes_on_to_lead_to_a_service_that_rests_and_says_so() -> None:
    made = after(WEB + rests("Service", ""), left_by(WEB))
    assert made.records == planned(WEB).records
    leads_to = {
        each.target.object_name: each.target.member for each in made.records if isinstance(each.target, ServiceTarget)
    }
    assert leads_to == {each.logical_name: member.name for member in made.members[1:] for each in member.paused}
    (warning,) = said(made)
    assert warning == f"warning: web.yaml:22: Service demo/web is paused, so this record {LEADS}"


def test_a_host_goes_on_to_lead_to_an_ingress_that_rests_and_says_so() -> None:
    made = after(WEB + rests("Ingress", "networking.k8s.io"), left_by(WEB))
    assert made.records == planned(WEB).records
    (warning,) = said(made)
    assert warning == f"warning: web.yaml:32: Ingress demo/web is paused, so this record {LEADS}"


def test_an_ingress_is_weighed_by_way_of_a_service_that_rests() -> None:
    text = WEB.replace(record(), "")
    assert after(text + rests("Service", ""), left_by(text)).records == planned(text).records


def test_with_all_of_it_at_rest_the_records_stay() -> None:
    text = WEB + rests("Service", "") + rests("Deployment") + rests("Ingress", "networking.k8s.io")
    before = [(each.name, each.routing) for each in planned(WEB).records]
    assert before
    assert [(each.name, each.routing) for each in after(text, left_by(WEB)).records] == before


def test_a_service_that_rests_answers_where_it_stands_and_not_where_it_is_placed() -> None:
    before = WEB.replace(service(), service(spec="placement: {clusters: [{name: us-east}]}"))
    assert weighs(after(WEB + rests("Service", ""), left_by(before))) == {"us-east": 6}
    assert weighs(after(before + rests("Service", ""), left_by(WEB))) == {"us-east": 6, "us-west": 3}
    assert weighs(after(WEB + rests("Service", ""), left_by(WEB), lost=("us-east",))) == {"us-west": 9}


def test_a_service_that_rests_and_stands_nowhere_has_no_name_which_is_no_error() -> None:
    made = after(NAMESPACE + deployment() + service() + record() + rests("Service", ""), left_by(NAMESPACE))
    assert made.records == ()
    assert [line.split("; ")[0].partition("web.yaml:")[2].split(": ", 1)[1] for line in said(made)] == [
        "no member answers for demo/web: no DNS record is written",
    ]


def test_a_name_is_simulated_by_the_service_that_rests() -> None:
    us_east = "placement: {clusters: [{name: us-east}]}"
    text = NAMESPACE + deployment() + service(spec=us_east) + record()
    assert lose(text + rests("Service", ""), left_by(text), "us-east").silent == ("web.demo.atlas.svc.fed.test",)
    assert lose(text + rests("Service", ""), left_by(text), "us-west").answered == ("web.demo.atlas.svc.fed.test",)


def test_a_record_without_its_document_is_a_fault_though_the_service_rests() -> None:
    with pytest.raises(FaultsFoundError, match="there is no FederatedService demo/web for this record to lead to"):
        after(WEB.replace(service(), "") + rests("Service", ""), left_by(WEB))


SCALER = document(
    "FederatedHorizontalPodAutoscaler",
    "web",
    "{template: {spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 1, "
    f"maxReplicas: 9}}}}, {EVERYWHERE}}}",
)


@pytest.mark.parametrize("divided", ["", DIVIDED])
def test_an_autoscaler_that_rests_goes_on_to_scale(divided: str) -> None:
    text = NAMESPACE + deployment() + SCALER + divided
    seen = left_by(text)
    made = after(text + rests("HorizontalPodAutoscaler", "autoscaling"), seen)
    for member in ("us-east", "us-west"):
        (web,) = (each for each in made.member(member).objects if each.kind == "Deployment")
        assert web.ignore_changes == ("spec.replicas",)
    assert [each.message for each in made.warnings if "is paused" not in each.message] == []
    assert after(NAMESPACE + deployment() + divided, seen).member("us-east").objects[-1].ignore_changes == ()


CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: demo}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
"""
KEEPS_DATA = document(
    "FederatedStatefulSet",
    "db",
    "{propagateDependencies: true, placement: {clusters: [{name: us-east}]}, template: {spec: {serviceName: db, "
    "selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: "
    "{containers: [{name: db, image: 'db:1'}], volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]}}}}}",
)


def test_what_the_pods_of_a_workload_that_rests_need_stays_as_well() -> None:
    text = NAMESPACE + KEEPS_DATA + CLAIM
    seen = left_by(text)
    made = after(text + rests("StatefulSet"), seen)
    assert [each.kind for each in made.member("us-east").objects] == ["Namespace", "PersistentVolumeClaim"]
    assert {each.change for each in diff.find_changes(made, seen.registered).changes} == {"same"}
    assert [each.message for each in made.warnings if "is paused" not in each.message] == []


def manifests_of(made: Plan, kind: str) -> dict[str, Any]:
    return {
        member.name: each.manifest["spec"] for member in made.members for each in member.objects if each.kind == kind
    }


def test_an_autoscaler_is_divided_with_its_workload_though_that_rests() -> None:
    text = NAMESPACE + deployment() + SCALER + DIVIDED
    before = planned(text)
    made = after(text + rests("Deployment"), left_by(text))
    kind = "HorizontalPodAutoscaler"
    assert manifests_of(made, kind) == manifests_of(before, kind)
    assert {name: each["maxReplicas"] for name, each in manifests_of(made, kind).items()} == {
        "us-east": 6,
        "us-west": 3,
    }


def test_a_workload_is_divided_as_under_its_autoscaler_though_that_rests() -> None:
    one = preference(spec="totalReplicas: 1")
    text = NAMESPACE + deployment() + SCALER + one + service() + record()
    before = planned(text)
    made = after(text + rests("HorizontalPodAutoscaler", "autoscaling"), left_by(text))
    assert manifests_of(made, "Deployment") == manifests_of(before, "Deployment")
    assert weighs(made) == weighs(before)


def test_what_rests_without_a_document_is_told_once() -> None:
    seen = left_by(WEB)
    gone = WEB.replace(deployment(), "").replace(DIVIDED, "")
    (found,) = (each for each in after(gone + rests("Deployment"), seen).warnings if "no document" in each.message)
    assert str(found.place).startswith("web.yaml:")
    assert found.message.startswith("demo/Deployment/web is paused there")
    assert "us-east, us-west" in found.message
    assert not [each for each in after(WEB + rests("Deployment"), seen).warnings if "no document" in each.message]
