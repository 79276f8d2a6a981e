"""KubeFed's manifests are copied without what its controllers wrote, and each loss is reported."""

from pathlib import Path

import pytest

from federation.api.reading import loading
from federation.errors.fault import FaultsFoundError
from federation.migration import kubefed, source_objects
from federation.migration.import_result import ImportResult
from federation.plan.planner import plan
from tests import kubefed_manifests as manifests


def imported(text: str = "") -> ImportResult:
    documents = loading.trees_in(text, "a.yaml") if text else loading.trees_of([Path()], root=manifests.MANIFESTS)
    return kubefed.import_kubefed(source_objects.source_objects(documents))


def losses(made: ImportResult) -> list[str]:
    return [str(fault).removeprefix("warning: ") for fault in made.lost]


def test_files_without_anything_to_take_out_are_copied() -> None:
    made = imported()
    assert made.copied == (
        "cluster-wide.yaml",
        "deletion.yaml",
        "dns.yaml",
        "placements.yaml",
        "scheduling.yaml",
    )
    assert sorted(made.files) == ["namespaces.yaml", "shop.yaml", "types.yaml"]


def test_what_an_api_server_wrote_is_taken_out() -> None:
    made = imported()
    assert made.files["namespaces.yaml"][0]["metadata"] == {"name": "shop", "namespace": "shop"}
    assert "status" not in made.files["namespaces.yaml"][0]
    assert "annotations" not in made.files["shop.yaml"][0]["metadata"]


def test_a_secrets_values_become_references() -> None:
    made = imported()
    secret = next(document for document in made.files["shop.yaml"] if document["kind"] == "FederatedSecret")
    assert secret["spec"]["template"]["data"] == {"password": {"valueFrom": {"config": "shop_token_password"}}}
    operation = secret["spec"]["overrides"][0]["clusterOverrides"][0]
    assert operation == {"path": "/data/password", "valueFrom": {"config": "shop_token_eu-central_password"}}
    assert [each.key for each in made.moved_secrets] == ["shop_token_password", "shop_token_eu-central_password"]


def test_clusters_become_members_and_the_control_plane_falls_away() -> None:
    made = imported()
    assert made.members == {
        "eu-central": {"provider": "kubeconfig", "context": "eu-central", "labels": {"geo": "eu"}},
        "us-east": {
            "provider": "kubeconfig",
            "context": "us-east",
            "labels": {"geo": "us", "tier": "prod"},
            "region": "us-east-1",
            "zones": ["us-east-1a"],
        },
    }
    starts = (
        "control-plane.yaml:26: spec.secretRef: the token in Secret us-east-token",
        "control-plane.yaml:42: spec.proxyURL: it is not carried over",
        "control-plane.yaml:44: PropagatedVersion shop/deployment-web is left out",
        "types.yaml:14: spec.statusCollection: ",
    )
    assert [start for start in starts if not any(line.startswith(start) for line in losses(made))] == []


def test_what_was_imported_is_planned_as_it_was() -> None:
    made = imported()
    documents = [document for some in made.files.values() for document in some]
    copied = [manifests.MANIFESTS / name for name in made.copied]
    after = plan(manifests.federation(), loading.collect_documents([*copied, *documents]))
    before = plan(manifests.federation(), manifests.documents())
    assert [[item.logical_name for item in member.objects] for member in after.members] == [
        [item.logical_name for item in member.objects] for member in before.members
    ]
    assert sum(len(member.objects) for member in before.members) == sum(map(len, manifests.EXPECTED["lands"].values()))
    for name in ("ap-northeast", "us-west"):
        assert after.member(name).digest == before.member(name).digest


MISPLACED = """
apiVersion: types.kubefed.io/v1beta1
kind: FederatedSecret
metadata: {name: token, namespace: shop, annotations: {kubectl.kubernetes.io/last-applied-configuration: PLANTED-0}}
stringData: {password: PLANTED-1}
spec:
  data: {password: PLANTED-2}
  template:
    metadata: {annotations: {team: a, kubectl.kubernetes.io/last-applied-configuration: PLANTED-3}}
    stringdata: {password: PLANTED-4}
    type: Opaque
  placement: {clusterSelector: {}}
  overrides:
    - clusterName: us-east
      clusterOverrides:
        - {path: "", value: {stringData: {a: PLANTED-5}}}
        - {path: stringData/a, value: PLANTED-6}
        - {path: /string~0Data/a, value: PLANTED-7}
        - {path: /stringData/a/b, value: {c: PLANTED-8}}
        - {path: /metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration, value: PLANTED-9}
        - {path: /metadata/annotations, value: {b: c, kubectl.kubernetes.io/last-applied-configuration: PLANTED-10}}
        - {path: /metadata, value: {annotations: {kubectl.kubernetes.io/last-applied-configuration: PLANTED-11}}}
        - {path: /stringData, value: {whole: PLANTED-12}}
        - {op: add, path: /stringData/a, value: PLANTED-13, values: PLANTED-14}
        - {path: /metadata/labels, value: {tier: front}}
        - {op: remove, path: /immutable}
      stringData: {a: PLANTED-15}
"""


def test_no_value_of_a_secret_is_written_wherever_it_stands() -> None:
    made = imported(MISPLACED)
    assert "PLANTED" not in str(made.files) + str(made.lost) + str(made.moved_secrets)
    (document,) = made.files["a.yaml"]
    assert document["metadata"] == {"name": "token", "namespace": "shop"}
    assert document["spec"]["template"] == {"metadata": {"annotations": {"team": "a"}}, "type": "Opaque"}
    assert document["spec"]["overrides"] == [
        {
            "clusterName": "us-east",
            "clusterOverrides": [
                {"path": "/metadata/annotations", "value": {"b": "c"}},
                {"path": "/metadata", "value": {"annotations": {}}},
                {"path": "/stringData", "value": {"whole": {"valueFrom": {"config": "shop_token_us-east_whole"}}}},
                {"op": "add", "path": "/stringData/a", "valueFrom": {"config": "shop_token_us-east_a"}},
                {"path": "/metadata/labels", "value": {"tier": "front"}},
                {"op": "remove", "path": "/immutable"},
            ],
        }
    ]
    assert loading.from_values([document]).federated


def test_parts_left_out_of_a_secret_are_reported_with_their_line() -> None:
    unknown, lost = "this key is not known here; it is left out", "this override is left out"
    starts = [
        f"a.yaml:5: stringData: {unknown}",
        f"a.yaml:7: spec.data: {unknown}",
        f"a.yaml:10: spec.template.stringdata: {unknown}",
        *(f"a.yaml:{16 + index}: spec.overrides[0].clusterOverrides[{index}].path: {lost}" for index in range(5)),
        f"a.yaml:24: spec.overrides[0].clusterOverrides[8].values: {unknown}",
        f"a.yaml:27: spec.overrides[0].stringData: {unknown}",
    ]
    lines = losses(imported(MISPLACED))
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts


ONE_KEY_FOR_SEVERAL = """
apiVersion: v1
kind: Secret
metadata: {name: a, namespace: shop}
data: {b_c: UExBTlRFRA==}
stringData: {b_c: PLANTED-1}
---
apiVersion: types.kubefed.io/v1beta1
kind: FederatedSecret
metadata: {name: a, namespace: shop}
spec:
  template: {stringData: {b_c: PLANTED-2, d: {valueFrom: {config: shop_a_selected_c}}}}
  placement: {clusterSelector: {}}
  overrides:
    - {clusterName: b, clusterOverrides: [{path: /stringData/c, value: PLANTED-3}]}
    - {clusterSelector: {matchLabels: {geo: eu}}, clusterOverrides: [{path: /stringData/c, value: PLANTED-4}]}
    - {clusterSelector: {matchLabels: {geo: us}}, clusterOverrides: [{path: /stringData/c, value: PLANTED-5}]}
"""


def test_no_two_values_get_the_same_key() -> None:
    made = imported(ONE_KEY_FOR_SEVERAL)
    assert [(each.key, each.where) for each in made.moved_secrets] == [
        ("shop_a_b_c", "Secret shop/a data.b_c"),
        ("shop_a_b_c_2", "Secret shop/a stringData.b_c (a.yaml:6)"),
        ("shop_a_b_c_3", "Secret shop/a stringData.b_c (a.yaml:12)"),
        ("shop_a_b_c_4", "Secret shop/a stringData.c for b (a.yaml:15)"),
        ("shop_a_selected_c_2", "Secret shop/a stringData.c for selected (a.yaml:16)"),
        ("shop_a_selected_c_3", "Secret shop/a stringData.c for selected (a.yaml:17)"),
    ]
    plain, federated = made.files["a.yaml"]
    assert plain["stringData"] == {"b_c": {"valueFrom": {"config": "shop_a_b_c_2"}}}
    operations = [operation for entry in federated["spec"]["overrides"] for operation in entry["clusterOverrides"]]
    assert [each["valueFrom"]["config"] for each in operations] == [each.key for each in made.moved_secrets[3:]]


NO_VALUES = """
apiVersion: types.kubefed.io/v1beta1
kind: FederatedSecret
metadata: {name: a, namespace: shop}
spec:
  template:
    data: {a: {PLANTED-1: PLANTED-2}, b: [PLANTED-3], c: {valueFrom: {config: c}}}
    stringData: PLANTED-4
  overrides:
    - clusterName: us-east
      clusterOverrides:
        - {path: /stringData/a, value: {PLANTED-5: PLANTED-6}}
        - {path: /stringData, value: [PLANTED-7]}
        - PLANTED-8
    - PLANTED-9
---
apiVersion: types.kubefed.io/v1beta1
kind: FederatedSecret
metadata: {name: b, namespace: shop}
spec: {template: PLANTED-10, overrides: PLANTED-11}
"""


def test_what_stands_in_a_values_place_and_is_none_is_a_fault_with_its_line() -> None:
    with pytest.raises(FaultsFoundError) as caught:
        imported(NO_VALUES)
    reference = "write text, or {valueFrom: {config: <key>}}"
    at = "spec.overrides[0].clusterOverrides"
    assert [str(fault) for fault in caught.value.faults] == [
        f"a.yaml:7: spec.template.data.a: is a mapping, but not a reference to the stack's config; {reference}",
        f"a.yaml:7: spec.template.data.b: must be text, and is a list; {reference}",
        "a.yaml:8: spec.template.stringData: must be a mapping of names to values, and is text",
        f"a.yaml:12: {at}[0].value: is a mapping, but not a reference to the stack's config; {reference}",
        f"a.yaml:13: {at}[1].value: must be a mapping of names to values, and is a list",
        f"a.yaml:14: {at}[2]: must be a mapping, and is text",
        "a.yaml:15: spec.overrides[1]: must be a mapping, and is text",
        "a.yaml:20: spec.overrides: must be a list, and is text",
        "a.yaml:20: spec.template: must be a mapping, and is text",
    ]


HOST = """
{apiVersion: v1, kind: Secret, metadata: {name: t, namespace: kube-federation-system}, data: {token: UExBTlRFRA==}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: federatedconfigmaps.types.kubefed.io}
spec: {group: types.kubefed.io}
---
apiVersion: core.kubefed.io/v1beta1
kind: KubeFedConfig
metadata: {name: kubefed, namespace: kube-federation-system}
spec: {syncController: {adoptResources: Disabled}}
"""


def test_the_host_clusters_own_objects_fall_away() -> None:
    made = imported(HOST)
    assert [document["kind"] for document in made.files["a.yaml"]] == ["ConfigMap"]
    assert made.config == {"config": {"eks-federation:plan": {"adoptResources": "Disabled"}}}
    assert len(losses(made)) == 3
    assert "UExBTlRFRA" not in str(losses(made))
