"""Objects become federated documents as ``kubefedctl federate`` makes them: cases are data."""

from typing import Any

import pytest
import yaml

from federation.api.reading import loading
from federation.errors.fault import FaultsFoundError
from federation.migration import federating, source_objects
from tests import places

FILE = places.CASES / "federate" / "objects.yaml"
READ = yaml.safe_load(FILE.read_text())
CASES = [pytest.param(case, id=case["case"]) for case in READ]
SOUND = [pytest.param(case, id=case["case"]) for case in READ if "notes" in case]


def made(case: dict[str, Any]) -> federating.FederatedDocuments:
    resources = source_objects.source_objects(loading.trees_in(case["text"], "in.yaml"))
    return federating.federate(resources, namespace=case.get("namespace", ""))


@pytest.mark.parametrize("case", CASES)
def test_objects_become_documents(case: dict[str, Any]) -> None:
    if "faults" in case:
        with pytest.raises(FaultsFoundError) as caught:
            made(case)
        messages = [str(fault) for fault in caught.value.faults]
        expected = case["faults"]
    else:
        result = made(case)
        assert list(result.documents) == case["documents"]
        messages, expected = [str(note) for note in result.warnings], case["notes"]
    assert [line[: len(start)] for line, start in zip(messages, expected, strict=True)] == expected


@pytest.mark.parametrize("case", SOUND)
def test_the_documents_are_read_without_a_fault(case: dict[str, Any]) -> None:
    documents = made(case).documents
    documents_read = loading.from_values(documents)
    assert len(documents_read.federated) + len(documents_read.type_configs) == len(documents)


def contents(text: str, *skipped: str) -> tuple[list[str], list[str]]:
    kept, warnings = federating.contents(source_objects.source_objects(loading.trees_in(text, "in.yaml")), skipped)
    return [str(resource) for resource in kept], [str(note) for note in warnings]


INSIDE = """
{apiVersion: v1, kind: ConfigMap, metadata: {name: kube-root-ca.crt, namespace: shop}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: shop}}
---
{apiVersion: v1, kind: Secret, metadata: {name: t, namespace: shop}, type: kubernetes.io/service-account-token}
---
{apiVersion: v1, kind: Endpoints, metadata: {name: web, namespace: shop}}
---
{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: e, namespace: shop}}
---
{apiVersion: extensions/v1beta1, kind: Ingress, metadata: {name: i, namespace: shop}}
---
{apiVersion: core.kubefed.io/v1alpha1, kind: PropagatedVersion, metadata: {name: p, namespace: shop}}
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: shop, ownerReferences: [{kind: ReplicaSet, name: r, controller: true}]}
---
{apiVersion: v1, kind: Pod, metadata: {name: own, namespace: shop, ownerReferences: [{kind: Thing, name: r}]}}
---
{apiVersion: example.com/v1, kind: Widget, metadata: {name: gear, namespace: shop}}
"""


def test_a_namespaces_contents_leave_out_what_each_cluster_makes_itself() -> None:
    kept, warnings = contents(INSIDE)
    assert kept == ["Pod shop/own", "Widget shop/gear"]
    assert [note.partition("left out: ")[2] for note in warnings] == [
        "every cluster has its own",
        "every cluster has its own",
        "the token of a service account is valid in one cluster only",
        "ReplicaSet r creates it, in every member",
    ]


@pytest.mark.parametrize("word", ["widgets", "widgets.example.com", "Widget", "widgets.example.com/v1"])
def test_types_can_be_left_out_by_name(word: str) -> None:
    assert contents(INSIDE, word)[0] == ["Pod shop/own"]
