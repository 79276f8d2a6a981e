"""Values that others inject go into the manifest; fields of ours, of kubectl or of an override do not."""

from typing import Any, Literal

import pytest

from federation.errors.source import PathKey
from federation.plan.live import injected_values
from federation.plan.model.plan import Operation, PlannedObject

LABELS = {"kubefed.io/managed": "true"}
SERVICE = {"name": "hook", "namespace": "demo", "path": "/convert"}
WEBHOOK = {"strategy": "Webhook", "webhook": {"clientConfig": {"service": SERVICE}, "conversionReviewVersions": ["v1"]}}
BUNDLE: tuple[str | int, ...] = ("spec", "conversion", "webhook", "clientConfig", "caBundle")

Op = Literal["add", "remove", "replace"]


def planned(manifest: dict[str, Any], *overrides: Operation) -> PlannedObject:
    group = {
        "CustomResourceDefinition": "apiextensions.k8s.io/v1",
        "APIService": "apiregistration.k8s.io/v1",
        "ConfigMap": "v1",
    }
    kind = manifest["kind"]
    return PlannedObject(
        logical_name=f"east/{kind}/x",
        token="",
        member="east",
        api_version=group.get(kind, "admissionregistration.k8s.io/v1"),
        kind=kind,
        namespace="",
        name="x",
        manifest=manifest,
        overrides=overrides,
    )


def definition(conversion: dict[str, Any] | None = None, **metadata: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {"group": "example.com", "versions": [{"name": "v1"}]}
    spec |= {} if conversion is None else {"conversion": conversion}
    annotations = {"own": "1", **metadata.pop("annotations", {})}
    labels = {**LABELS, **metadata.pop("labels", {})}
    metadata = {"name": "x", "labels": labels, "annotations": annotations, **metadata}
    return {"kind": "CustomResourceDefinition", "metadata": metadata, "spec": spec}


def webhooks(*bundles: str | None, kind: str = "ValidatingWebhookConfiguration") -> dict[str, Any]:
    items = [
        {
            "name": f"{'ab'[at]}.example.com",
            "clientConfig": {"service": SERVICE, **({"caBundle": each} if each else {})},
        }
        for at, each in enumerate(bundles)
    ]
    return {"kind": kind, "metadata": {"name": "x", "labels": LABELS}, "webhooks": items}


def owned(tree: dict[str, Any], manager: str = "cainjector", **fields: Any) -> dict[str, Any]:
    """``tree`` as a live object, with the fields owned by ``manager``."""
    entry = {
        "manager": manager,
        "operation": "Update",
        "fieldsV1": {f"f:{key}": value for key, value in fields.items()},
    }
    metadata = tree["metadata"]
    return {**tree, "metadata": {**metadata, "managedFields": [*metadata.get("managedFields", ()), entry]}}


def conversion_with(bundle: str, **more: Any) -> dict[str, Any]:
    client = {"service": {**SERVICE, "port": 443}, "caBundle": bundle}
    return {**WEBHOOK, "webhook": {**WEBHOOK["webhook"], "clientConfig": client}, **more}  # type: ignore[dict-item]


def chain(*keys: str) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key in reversed(keys):
        tree = {key: tree}
    return tree


INJECTED = chain("f:conversion", "f:webhook", "f:clientConfig", "f:caBundle")


def test_a_definition_keeps_what_others_have_put_there() -> None:
    live = definition(
        conversion_with("TElWRQ=="),
        annotations={"inject": "yes"},
        labels={"team": "a"},
        finalizers=["a.b/keep"],
        ownerReferences=[{"uid": "1", "name": "operator"}],
    )
    live = owned(
        live,
        metadata={
            "f:annotations": {"f:inject": {}},
            "f:labels": {"f:team": {}},
            "f:finalizers": {".": {}, 'v:"a.b/keep"': {}},
            "f:ownerReferences": {".": {}, 'k:{"uid":"1"}': {}},
        },
        spec=INJECTED,
    )
    template = definition(WEBHOOK)
    found = injected_values.merged(planned(template), live)
    assert found.manifest["metadata"] == {
        "name": "x",
        "labels": {**LABELS, "team": "a"},
        "annotations": {"own": "1", "inject": "yes"},
        "finalizers": ["a.b/keep"],
        "ownerReferences": [{"uid": "1", "name": "operator"}],
    }
    client = found.manifest["spec"]["conversion"]["webhook"]["clientConfig"]
    assert client == {"service": SERVICE, "caBundle": "TElWRQ=="}
    assert template == definition(WEBHOOK)
    assert set(found.paths) == {
        ("metadata", "annotations", "inject"),
        ("metadata", "labels", "team"),
        ("metadata", "finalizers"),
        ("metadata", "ownerReferences"),
        BUNDLE,
    }


def test_a_conversion_of_others_making_stays_whole_and_half_of_ours_is_not_kept() -> None:
    others: dict[str, Any] = {"f:conversion": {"f:strategy": {}, "f:webhook": {"f:clientConfig": {"f:caBundle": {}}}}}
    live = definition(conversion_with("TElWRQ=="))
    found = injected_values.merged(planned(definition()), owned(live, spec=others))
    assert found.manifest["spec"]["conversion"] == live["spec"]["conversion"]
    ours: dict[str, Any] = {"f:conversion": {"f:strategy": {}, "f:webhook": {"f:clientConfig": {"f:service": {}}}}}
    live = owned(owned(live, "eks-federation", spec=ours), spec=INJECTED)
    assert injected_values.merged(planned(definition()), live).manifest == definition()


def test_under_another_strategy_nothing_of_a_webhook_stays() -> None:
    template = definition({"strategy": "None"})
    live = owned(definition(conversion_with("TElWRQ==")), spec=INJECTED)
    assert injected_values.merged(planned(template), live).manifest is template


@pytest.mark.parametrize(
    ("manager", "more"),
    [("eks-federation", {}), ("kubectl-annotate", {}), ("cainjector", {"subresource": "status"})],
)
def test_what_is_ours_or_kubectls_or_of_a_subresource_is_no_injected_value(manager: str, more: dict[str, Any]) -> None:
    live = owned(definition(annotations={"note": "x"}), manager, metadata={"f:annotations": {"f:note": {}}})
    live["metadata"]["managedFields"][0] |= more
    template = definition()
    assert injected_values.merged(planned(template), live).manifest is template


def test_lists_that_are_one_value_and_status_are_never_merged() -> None:
    live = {**definition(), "status": {"storedVersions": ["v1"]}}
    live["spec"] = {**live["spec"], "versions": [{"name": "v1"}, {"name": "v2"}]}
    keyed: dict[str, Any] = {"f:versions": {'k:{"name":"v2"}': {".": {}, "f:name": {}}}}
    whole: dict[str, Any] = {"f:versions": {}}
    for spec in (whole, keyed):
        template = definition()
        found = injected_values.merged(planned(template), owned(live, spec=spec, status={"f:storedVersions": {}}))
        assert found.manifest is template


def of_webhooks(*names: str) -> dict[str, Any]:
    keyed = [(f'k:{{"name":"{name}"}}', chain("f:clientConfig", "f:caBundle")) for name in names]
    return {**dict(keyed), 'k:{"name":"gone.example.com"}': chain("f:clientConfig", "f:caBundle")}


@pytest.mark.parametrize("kind", ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"])
def test_a_bundle_that_an_injector_owns_wins_over_a_placeholder(kind: str) -> None:
    live = owned(webhooks("QQ==", "Qg==", kind=kind), webhooks=of_webhooks("a.example.com", "b.example.com"))
    found = injected_values.merged(planned(webhooks("Cg==", None, kind=kind)), live)
    # Server-side apply leaves fields alone that the manifest does not name.
    assert found.manifest == webhooks("QQ==", None, kind=kind)
    assert found.paths == (("webhooks", 0, "clientConfig", "caBundle"),)


def test_the_bundle_of_an_api_service_and_the_placeholder_of_a_definition_are_live_ones() -> None:
    def service(bundle: str) -> dict[str, Any]:
        return {"kind": "APIService", "metadata": {"name": "x"}, "spec": {"caBundle": bundle}}

    live = owned(service("TElWRQ=="), spec={"f:caBundle": {}})
    assert injected_values.merged(planned(service("Cg==")), live).manifest == service("TElWRQ==")
    live = owned(definition(conversion_with("TElWRQ==")), spec=INJECTED)
    found = injected_values.merged(planned(definition(conversion_with("Cg=="))), live)
    assert found.manifest == definition(conversion_with("TElWRQ=="))


HOOK = "/webhooks/{}/clientConfig/caBundle"


@pytest.mark.parametrize(
    ("op", "path", "kept"),
    [
        ("replace", HOOK.format(0), False),
        ("replace", HOOK.format(-2), False),
        ("replace", HOOK.format(1), True),
        ("add", "/webhooks/-", True),
        ("replace", "/webhooks", False),
        ("add", "/webhooks/0", False),
        ("replace", "/webhooks/0/clientConfig/service", True),
    ],
)
def test_an_override_of_a_bundle_comes_after_it(op: Op, path: str, *, kept: bool) -> None:
    override = Operation(op=op, path=path, written="x:1")
    live = owned(webhooks("QQ==", "Qg=="), webhooks=of_webhooks("a.example.com"))
    found = injected_values.merged(planned(webhooks("Cg==", "Cg=="), override), live)
    assert found.manifest == webhooks("QQ==" if kept else "Cg==", "Cg==")


@pytest.mark.parametrize(
    ("op", "path", "kept"),
    [
        ("remove", "/metadata/annotations/a.b~1note", False),
        ("remove", "/metadata/annotations", False),
        ("add", "/metadata/annotations", True),
        ("add", "/metadata/annotations/other", True),
    ],
)
def test_an_override_around_what_the_template_lacks_takes_it_away_only_by_removing(
    op: Op, path: str, *, kept: bool
) -> None:
    override = Operation(op=op, path=path, written="x:1")
    live = owned(definition(annotations={"a.b/note": "x"}), metadata={"f:annotations": {"f:a.b/note": {}}})
    found = injected_values.merged(planned(definition(), override), live)
    paths: tuple[PathKey, ...] = (("metadata", "annotations", "a.b/note"),) if kept else ()
    assert found.paths == paths


def test_a_field_that_is_ours_as_well_goes_when_it_is_taken_out() -> None:
    names = {"shortNames": ["x"]}
    live = definition(labels={"team": "a"})
    live["spec"] = {**live["spec"], "names": names}
    fields: dict[str, Any] = {
        "metadata": {"f:labels": {"f:team": {}}},
        "spec": {"f:names": {"f:shortNames": {}}},
    }
    ours = owned(owned(live, "helm", **fields), "eks-federation", **fields)
    ours["metadata"]["managedFields"][-1]["operation"] = "Apply"
    assert injected_values.merged(planned(definition()), ours).paths == ()
    theirs = owned(live, "helm", **fields)
    assert len(injected_values.merged(planned(definition()), theirs).paths) == 2
