"""The plan as a whole: the talk's numbers, the objects of each member, the effect of a lost member."""

import random
from dataclasses import replace
from typing import Any

import pytest

from federation.api.model.documents import Documents
from federation.api.reading.loading import load
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan, PlannedObject, Workload
from federation.plan.planner import plan
from tests.places import ROOT
from tests.plan import building
from tests.plan.building import NAMESPACE, TALK, TALK_PREFERENCE, deployment, document, planned, preference, service


def _workload(made: Plan, kind: str, name: str = "web") -> Workload:
    return next(each for each in made.workloads if (each.kind, each.name) == (kind, name))


def _object(made: Plan, member: str, kind: str, name: str = "web") -> PlannedObject:
    return next(each for each in made.member(member).objects if (each.kind, each.name) == (kind, name))


def test_the_talk_is_divided_3_6_6() -> None:
    made = planned(TALK)
    assert _workload(made, "Deployment").replicas == {"ap-northeast": 3, "us-east": 6, "us-west": 6}
    assert [_object(made, name, "Deployment").manifest["spec"]["replicas"] for name in building.THE_TALK] == [3, 6, 6]
    assert made.warnings == ()


def test_a_lost_region_is_divided_3_0_12_and_its_objects_are_left_alone() -> None:
    made = planned(TALK, lost=("us-east",))
    workload = _workload(made, "Deployment")
    assert workload.replicas == {"ap-northeast": 3, "us-east": 0, "us-west": 12}
    assert workload.members == ("ap-northeast", "us-west")
    assert workload.reasons["us-east"][-1] == "not available: quarantined, its objects stay as they are"
    assert made.member("us-east").objects == ()
    assert not made.member("us-east").available


def test_nothing_changes_for_the_other_objects_of_members_that_stay() -> None:
    before, after = planned(TALK), planned(TALK, lost=("us-east",))
    assert before.member("ap-northeast").digest == after.member("ap-northeast").digest
    assert before.member("us-west").digest != after.member("us-west").digest


def test_replicas_that_run_stay_without_rebalance() -> None:
    running = Observed(current={"demo/web": {"ap-northeast": 1, "us-east": 4, "us-west": 10}})
    made = planned(TALK, running)
    assert _workload(made, "Deployment").replicas == {"ap-northeast": 1, "us-east": 4, "us-west": 10}


def test_overflow_lands_in_the_manifest_and_not_in_the_weights() -> None:
    spec = "rebalance: true, totalReplicas: 50"
    text = NAMESPACE + deployment() + service() + building.record() + preference(spec=spec)
    made = planned(text, Observed(capacity={"demo/web": {"us-west": 10}}))
    assert _object(made, "us-west", "Deployment").replicas == 17
    assert next(each for each in made.records if each.routing and each.routing.identifier == "us-west").weighs == 10


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_documents_and_members_is_no_matter(seed: int) -> None:
    read = building.documents(TALK)
    rng = random.Random(seed)  # noqa: S311  # an order, not a key
    shuffled: dict[str, Any] = {}
    for name in ("federated", "preferences", "service_records"):
        values = list(getattr(read, name))
        rng.shuffle(values)
        shuffled[name] = tuple(values)
    members = list(building.THE_TALK.items())
    rng.shuffle(members)
    first = plan(building.federation(), read)
    second = plan(building.federation(dict(members)), replace(read, **shuffled))
    assert first == second
    assert first.digest == second.digest


def test_members_whose_manifest_does_not_differ_share_it() -> None:
    made = planned(NAMESPACE + deployment())
    assert _object(made, "us-east", "Deployment").manifest is _object(made, "us-west", "Deployment").manifest


def test_members_share_what_an_override_leaves_alone() -> None:
    paused = "clusterOverrides: [{path: /spec/paused, op: add, value: true}]"
    spec = f"placement: {{clusterSelector: {{}}}}, overrides: [{{clusterName: us-east, {paused}}}]"
    made = planned(NAMESPACE + deployment(spec=spec))
    east, west = _object(made, "us-east", "Deployment"), _object(made, "us-west", "Deployment")
    assert east.manifest["spec"]["paused"] is True
    assert east.manifest["spec"]["template"] is west.manifest["spec"]["template"]
    assert [each.path for each in east.overrides] == ["/spec/paused"]
    assert west.overrides == ()


def test_objects_stand_after_what_they_depend_on() -> None:
    text = (
        NAMESPACE
        + TALK.removeprefix(NAMESPACE)
        + document("FederatedConfigMap", "web", "{template: {data: {a: b}}, placement: {clusterSelector: {}}}")
    )
    members = planned(text).members
    assert len(members) == 3
    for member in members:
        seen: set[str] = set()
        assert any(each.depends_on for each in member.objects)
        for each in member.objects:
            assert seen.issuperset(each.depends_on)
            seen.add(each.logical_name)


def test_a_workload_waits_for_what_its_pods_name() -> None:
    pods = (
        "{metadata: {labels: {app: web}}, spec: {serviceAccountName: runner, "
        "imagePullSecrets: [{name: pull}], volumes: [{name: v, persistentVolumeClaim: {claimName: disk}}], "
        "containers: [{name: web, image: x, envFrom: [{configMapRef: {name: settings}}], "
        "env: [{name: A, valueFrom: {secretKeyRef: {name: keys, key: a}}}]}]}}"
    )
    everywhere = "placement: {clusterSelector: {}}"
    text = NAMESPACE + document(
        "FederatedDeployment", "web", f"{{template: {{spec: {{template: {pods}}}}}, {everywhere}}}"
    )
    for kind, name in [("ServiceAccount", "runner"), ("PersistentVolumeClaim", "disk"), ("ConfigMap", "settings")]:
        text += document(f"Federated{kind}", name, f"{{template: {{}}, {everywhere}}}")
    for name in ("keys", "pull"):
        value = "{valueFrom: {config: key}}"
        text += document("FederatedSecret", name, f"{{template: {{stringData: {{a: {value}}}}}, {everywhere}}}")
    assert _object(planned(text), "us-east", "Deployment").depends_on == (
        "us-east/Namespace/demo",
        "us-east/demo/ConfigMap/settings",
        "us-east/demo/PersistentVolumeClaim/disk",
        "us-east/demo/Secret/keys",
        "us-east/demo/Secret/pull",
        "us-east/demo/ServiceAccount/runner",
    )


def test_a_custom_object_waits_for_its_definition() -> None:
    everywhere = "placement: {clusterSelector: {}}"
    crd = "{spec: {group: example.com, names: {kind: Widget}}}"
    text = NAMESPACE + document(
        "FederatedCustomResourceDefinition", "widgets.example.com", f"{{template: {crd}, {everywhere}}}"
    )
    text += document(
        "FederatedWidget", "one", f"{{template: {{apiVersion: example.com/v1, spec: {{}}}}, {everywhere}}}"
    )
    widget = _object(planned(text), "us-east", "Widget", "one")
    assert widget.depends_on == ("us-east/CustomResourceDefinition/widgets.example.com", "us-east/Namespace/demo")
    assert widget.logical_name == "us-east/demo/Widget.example.com/one"
    assert widget.token == "kubernetes:example.com/v1:Widget"


def test_a_preference_beats_retained_replicas() -> None:
    retained = deployment(spec="retainReplicas: true, placement: {clusterSelector: {}}")
    assert _object(planned(NAMESPACE + retained), "us-east", "Deployment").ignore_changes == ("spec.replicas",)
    divided = planned(NAMESPACE + retained + TALK_PREFERENCE)
    assert _object(divided, "us-east", "Deployment").ignore_changes == ()


def test_replicas_under_an_autoscaler_are_left_to_it() -> None:
    target = "scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}"
    scaler = f"{{template: {{spec: {{maxReplicas: 9, {target}}}}}, placement: {{clusters: [{{name: us-east}}]}}}}"
    made = planned(NAMESPACE + deployment() + document("FederatedHorizontalPodAutoscaler", "web", scaler))
    assert _object(made, "us-east", "Deployment").ignore_changes == ("spec.replicas",)
    assert _object(made, "us-west", "Deployment").ignore_changes == ()


def test_a_preference_goes_to_every_member_and_zero_is_a_number() -> None:
    spec = "totalReplicas: 4, clusters: {us-west: {weight: 1}}"
    text = NAMESPACE + deployment(spec="placement: {clusters: [{name: us-east}]}") + preference(spec=spec)
    made = planned(text)
    assert _workload(made, "Deployment").replicas == {"ap-northeast": 0, "us-east": 0, "us-west": 4}


def test_a_preference_can_keep_to_the_selectors() -> None:
    spec = "totalReplicas: 4, intersectWithClusterSelector: true, clusters: {'*': {weight: 1}}"
    text = NAMESPACE + deployment(spec="placement: {clusterSelector: {matchLabels: {geo: us}}}") + preference(spec=spec)
    assert _workload(planned(text), "Deployment").replicas == {"us-east": 2, "us-west": 2}


def test_a_preference_replaces_an_override_of_replicas_in_its_place() -> None:
    overrides = (
        "overrides: [{clusterName: us-east, clusterOverrides: [{path: /spec/replicas, op: remove}, "
        "{path: /spec/paused, op: add, value: true}]}]"
    )
    text = NAMESPACE + deployment(spec=f"placement: {{clusterSelector: {{}}}}, {overrides}") + TALK_PREFERENCE
    east = _object(planned(text), "us-east", "Deployment")
    assert (east.manifest["spec"]["replicas"], east.manifest["spec"]["paused"]) == (6, True)
    assert [each.path for each in east.overrides] == ["/spec/paused"]


def test_overrides_take_values_from_the_member() -> None:
    overrides = (
        "overrides: [{clusterSelector: {}, clusterOverrides: [{op: add, path: /data/region, "
        "valueFrom: {cluster: region}}, {op: add, path: /data/geo, valueFrom: {cluster: labels.geo}}]}]"
    )
    text = NAMESPACE + document(
        "FederatedConfigMap", "web", f"{{template: {{data: {{}}}}, placement: {{clusterSelector: {{}}}}, {overrides}}}"
    )
    made = planned(text)
    assert _object(made, "us-east", "ConfigMap").manifest["data"] == {"region": "us-east-1", "geo": "us"}
    assert _object(made, "ap-northeast", "ConfigMap").manifest["data"]["geo"] == "ap"


def test_every_object_is_marked_as_managed_whatever_its_overrides_say() -> None:
    overrides = (
        "overrides: [{clusterName: us-east, clusterOverrides: [{op: add, path: /metadata/labels, "
        "value: {kubefed.io/managed: 'false', a: b}}]}]"
    )
    made = planned(NAMESPACE + deployment(spec=f"placement: {{clusterSelector: {{}}}}, {overrides}"))
    for member in made.members:
        for each in member.objects:
            assert each.manifest["metadata"]["labels"]["kubefed.io/managed"] == "true"
            assert each.manifest["metadata"]["annotations"]["pulumi.com/patchFieldManager"] == "eks-federation"
    assert _object(made, "us-east", "Deployment").manifest["metadata"]["labels"]["a"] == "b"


def test_annotations_of_a_template_are_dropped_unless_kept() -> None:
    template = "template: {metadata: {annotations: {a: b}, finalizers: [x/y]}, data: {}}"
    everywhere = "placement: {clusterSelector: {}}"
    dropped = planned(NAMESPACE + document("FederatedConfigMap", "web", f"{{{template}, {everywhere}}}"))
    kept = planned(
        NAMESPACE + document("FederatedConfigMap", "web", f"{{{template}, {everywhere}, templateAnnotations: keep}}")
    )
    assert "a" not in _object(dropped, "us-east", "ConfigMap").manifest["metadata"]["annotations"]
    assert _object(kept, "us-east", "ConfigMap").manifest["metadata"]["annotations"]["a"] == "b"
    assert "finalizers" not in _object(kept, "us-east", "ConfigMap").manifest["metadata"]


def test_plain_objects_follow_a_workload_that_asks_for_it() -> None:
    pods = "{spec: {containers: [{name: web, image: x, envFrom: [{configMapRef: {name: settings}}]}]}}"
    there = "placement: {clusters: [{name: us-east}]}, propagateDependencies: true"
    spec = f"{{template: {{spec: {{template: {pods}}}}}, {there}}}"
    plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: demo}\ndata: {x: y}\n"
    made = planned(NAMESPACE + document("FederatedDeployment", "web", spec) + plain)
    follower = _object(made, "us-east", "ConfigMap", "settings")
    assert follower.manifest["data"] == {"x": "y"}
    assert follower.logical_name in _object(made, "us-east", "Deployment").depends_on
    assert _workload(made, "ConfigMap", "settings").members == ("us-east",)
    assert "follows Deployment demo/web" in follower.reasons[0]


def test_a_name_that_only_another_stack_has_is_listed_and_legal() -> None:
    spec = "placement: {clusters: [{name: us-east}, {name: eu-central}]}"
    made = planned(NAMESPACE + deployment(spec=spec), siblings=("eu-central",))
    assert _workload(made, "Deployment").other_stacks == ("eu-central",)
    assert _workload(made, "Deployment").members == ("us-east",)


def test_a_federation_without_documents_has_an_empty_plan() -> None:
    made = plan(building.federation(), Documents())
    assert (made.workloads, made.records) == ((), ())
    assert all(member.objects == () for member in made.members)


@pytest.mark.parametrize("kind", ["stringData", "data"])
def test_a_secret_marks_its_slice_and_leaves_no_trace_in_the_digest(kind: str) -> None:
    def made(value: str) -> Plan:
        spec = f"{{template: {{{kind}: {{password: {value}}}}}, placement: {{clusterSelector: {{}}}}}}"
        return planned(NAMESPACE + document("FederatedSecret", "keys", spec))

    one, other = made("aHVudGVyMg=="), made("cGFzc3dvcmQ=")
    assert one.digest == other.digest
    assert one.member("us-east").sealed == ("us-east/demo/Secret/keys",)
    reference, another = made("{valueFrom: {config: a}}"), made("{valueFrom: {config: b}}")
    assert len({one.digest, reference.digest, another.digest}) == 3


def test_a_digest_changes_with_what_is_applied_and_not_with_where_it_is_written() -> None:
    first = planned(NAMESPACE + deployment())
    assert planned("# a comment\n" + NAMESPACE + deployment()).digest == first.digest
    assert planned(NAMESPACE + deployment(replicas=3)).digest != first.digest


def test_the_demo_of_the_repository_is_the_talk() -> None:
    root = ROOT
    made = plan(building.federation(), load([root / "stacks" / "workloads" / "demo"], root=root))
    assert _workload(made, "Deployment").replicas == {"ap-northeast": 3, "us-east": 6, "us-west": 6}
    assert _object(made, "us-east", "Deployment").overrides[0].path == "/spec/template/spec/containers/0/image"
    assert _object(made, "us-east", "Service").load_balancer == "network"
