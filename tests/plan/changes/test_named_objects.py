"""An object that a remaining object refers to is not removed unnoticed."""

from typing import Any

import pytest

from federation.plan.changes import guard
from federation.plan.changes.named_objects import named_by
from federation.plan.model.observed import Observed
from tests.plan.building import NAMESPACE, document, federation, planned

EVERYWHERE = "placement: {clusterSelector: {}}"
US = "placement: {clusterSelector: {matchLabels: {geo: us}}}"

# By kind of reference: the referring kind, its template, and the kind and name of the referenced object.
NAMING = {
    "envFrom of a Secret": ("Deployment", "envFrom: [{secretRef: {name: it}}]", "Secret"),
    "envFrom of a ConfigMap": ("Deployment", "envFrom: [{configMapRef: {name: it}}]", "ConfigMap"),
    "env of a Secret": ("Deployment", "env: [{name: A, valueFrom: {secretKeyRef: {name: it, key: a}}}]", "Secret"),
    "env of a ConfigMap": (
        "Deployment",
        "env: [{name: A, valueFrom: {configMapKeyRef: {name: it, key: a}}}]",
        "ConfigMap",
    ),
    "a volume of a ConfigMap": ("Pods", "volumes: [{name: v, configMap: {name: it}}]", "ConfigMap"),
    "a volume of a Secret": ("Pods", "volumes: [{name: v, secret: {secretName: it}}]", "Secret"),
    "a projected volume": ("Pods", "volumes: [{name: v, projected: {sources: [{secret: {name: it}}]}}]", "Secret"),
    "a pull secret": ("Pods", "imagePullSecrets: [{name: it}]", "Secret"),
    "a service account": ("Pods", "serviceAccountName: it", "ServiceAccount"),
    "the certificate of an Ingress": ("Ingress", "{spec: {tls: [{secretName: it}], rules: []}}", "Secret"),
    "a secret of a service account": ("ServiceAccount", "{secrets: [{name: it}]}", "Secret"),
    "a pull secret of a service account": ("ServiceAccount", "{imagePullSecrets: [{name: it}]}", "Secret"),
}


def user(kind: str, body: str) -> str:
    """A document called ``user`` with a reference in ``body``, a part of a container, a pod or a template."""
    if kind in ("Deployment", "Pods"):
        container, pod = (f", {body}", "") if kind == "Deployment" else ("", f", {body}")
        pods = f"{{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{{name: c, image: x{container}}}]{pod}}}}}"
        kind, body = "Deployment", f"{{spec: {{selector: {{matchLabels: {{a: b}}}}, template: {pods}}}}}"
    return document(f"Federated{kind}", "user", f"{{template: {body}, {EVERYWHERE}}}")


def named(kind: str, placement: str = EVERYWHERE) -> str:
    return document(f"Federated{kind}", "it", f"{{template: {{}}, {placement}}}")


def refusals(before: str, after: str, **settings: Any) -> list[str]:
    left = Observed(registered={each.name: each.index or () for each in planned(before).members})
    return [str(each) for each in guard.refusals(federation(**settings), planned(after, left, **settings), left)]


@pytest.mark.parametrize(("kind", "body", "names"), NAMING.values(), ids=NAMING)
def test_what_is_still_named_is_refused_until_it_is_allowed(kind: str, body: str, names: str) -> None:
    naming, goes = NAMESPACE + user(kind, body), named(names)
    kind = "Deployment" if kind == "Pods" else kind
    (line,) = refusals(naming + goes, naming)
    assert (
        f"demo/{names}/it would be removed in ap-northeast, us-east, us-west, while demo/{kind}/user names it" in line
    )
    assert f"`fed up --allow demo/{names}/it`" in line
    assert refusals(naming + goes, naming, guard={"allow": [f"demo/{names}/it"]}) == []
    assert refusals(naming + goes, NAMESPACE) == []


def test_only_members_that_lose_it_are_named() -> None:
    naming = NAMESPACE + user("Deployment", "envFrom: [{secretRef: {name: it}}]")
    (line,) = refusals(naming + named("Secret"), naming + named("Secret", US))
    assert "would be removed in ap-northeast, while" in line


def test_what_nothing_names_may_go() -> None:
    other = NAMESPACE + user("Deployment", "envFrom: [{secretRef: {name: other}}]")
    assert refusals(other + named("Secret") + named("ConfigMap"), other) == []


def test_a_manifest_of_another_kind_names_nothing() -> None:
    assert named_by({"kind": "ConfigMap", "data": {"secretName": "it"}}) == ()
