"""Objects of a paused type stay as they are."""

import pytest

from federation.plan.changes import diff, guard
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from federation.plan.planner import plan
from tests.plan.building import NAMESPACE, documents, federation, ingress, planned

ONE = {"one": {"region": "us-east-1"}}
MAP = """
apiVersion: types.kubefed.io/v1beta1
kind: FederatedConfigMap
metadata: {name: web, namespace: demo}
spec: {template: {data: {a: "1"}}, placement: {clusterSelector: {}}}
---
"""


def config(propagation: str) -> str:
    return f"""
apiVersion: core.kubefed.io/v1beta1
kind: FederatedTypeConfig
metadata: {{name: configmaps, namespace: kube-federation-system}}
spec:
  targetType: {{version: v1, kind: ConfigMap, pluralName: configmaps, scope: Namespaced}}
  federatedType: {{group: types.kubefed.io, version: v1beta1, kind: FederatedConfigMap, scope: Namespaced}}
  propagation: {propagation}
---
"""


def observed() -> Observed:
    before = planned(NAMESPACE + MAP, members=ONE)
    return Observed(registered={member.name: member.index or () for member in before.members})


def after(text: str, seen: Observed) -> Plan:
    return plan(federation(ONE), documents(text), seen)


def test_what_stands_of_a_type_that_rests_is_neither_planned_nor_taken_away() -> None:
    seen = observed()
    changed = MAP.replace('a: "1"', 'a: "2"')
    for text in (NAMESPACE + changed + config("Disabled"), NAMESPACE + config("Disabled")):
        found = after(text, seen).member("one")
        assert [each.kind for each in found.objects] == ["Namespace"]
        assert [each.logical_name for each in found.paused] == ["one/demo/ConfigMap/web"]
        assert set(found.index or ()) == set((seen.registered or {})["one"])


def test_resting_is_no_change_and_nothing_for_the_guard() -> None:
    seen, text = observed(), NAMESPACE + config("Disabled")
    found = after(text, seen)
    assert {each.change for each in diff.find_changes(found, seen.registered).changes} == {"same"}
    assert guard.refusals(federation(ONE), found, seen) == ()


def test_once_it_is_propagated_again_the_documents_hold() -> None:
    found = after(NAMESPACE + config("Enabled"), observed())
    assert found.member("one").paused == ()
    assert not [each for each in found.member("one").index or () if each.kind == "ConfigMap"]


def test_nothing_comes_of_a_type_that_rests() -> None:
    empty = Observed(registered={"one": ()})
    found = after(NAMESPACE + MAP + config("Disabled"), empty)
    assert [each.kind for each in found.member("one").objects] == ["Namespace"]
    assert found.member("one").paused == ()
    assert "is paused, since propagation of its type is Disabled" in str(found.warnings[0])


def test_a_slice_changes_with_what_rests_in_it() -> None:
    text = NAMESPACE + config("Disabled")
    entry = IndexEntry(logical_name="one/demo/ConfigMap/other", token="kubernetes:core/v1:ConfigMap")
    more = Observed(registered={"one": (entry,)})
    assert after(text, observed()).member("one").digest != after(text, more).member("one").digest


INGRESS = NAMESPACE + ingress("web", spec="placement: {clusterSelector: {}}").replace(
    "template: {", "template: {apiVersion: networking.k8s.io/v1, "
)


def ingresses(group: str, version: str, propagation: str = "Disabled", name: str = "ingresses") -> str:
    return f"""
apiVersion: core.kubefed.io/v1beta1
kind: FederatedTypeConfig
metadata: {{name: {name}.{group}, namespace: kube-federation-system}}
spec:
  targetType: {{group: {group}, version: {version}, kind: Ingress, pluralName: ingresses, scope: Namespaced}}
  federatedType: {{group: types.kubefed.io, version: v1beta1, kind: FederatedIngress, scope: Namespaced}}
  propagation: {propagation}
---
"""


@pytest.mark.parametrize(("group", "version"), [("extensions", "v1beta1"), ("networking.k8s.io", "v1")])
def test_a_type_rests_by_its_federated_kind_in_whichever_group_its_objects_are(group: str, version: str) -> None:
    before = planned(INGRESS, members=ONE)
    seen = Observed(registered={member.name: member.index or () for member in before.members})
    for documents_left in (INGRESS, NAMESPACE):
        found = after(documents_left + ingresses(group, version), seen).member("one")
        assert [each.kind for each in found.objects] == ["Namespace"]
        assert [each.logical_name for each in found.paused] == ["one/demo/Ingress/web"]


def test_a_federated_kind_that_another_config_propagates_does_not_rest() -> None:
    both = ingresses("extensions", "v1beta1") + ingresses("networking.k8s.io", "v1", "Enabled", "own")
    found = after(INGRESS + both, Observed(registered={"one": ()})).member("one")
    assert [each.kind for each in found.objects] == ["Namespace", "Ingress"]
