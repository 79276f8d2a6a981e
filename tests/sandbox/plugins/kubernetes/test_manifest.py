"""Names, tokens, and what is kept of an object."""

import pytest

from sandbox.plugins.kubernetes import manifest
from sandbox.plugins.kubernetes.errors import RefusedError

DEPLOYMENT = manifest.Token(api_version="apps/v1", kind="Deployment")


@pytest.mark.parametrize(
    ("written", "api_version", "kind"),
    [
        ("kubernetes:core/v1:Secret", "v1", "Secret"),
        ("kubernetes:apps/v1:Deployment", "apps/v1", "Deployment"),
        ("kubernetes:networking.k8s.io/v1:Ingress", "networking.k8s.io/v1", "Ingress"),
    ],
)
def test_a_resource_type_says_api_version_and_kind(written: str, api_version: str, kind: str) -> None:
    assert manifest.token(written) == manifest.Token(api_version=api_version, kind=kind)


@pytest.mark.parametrize(
    "written", ["kubernetes:helm.sh/v3:Release", "kubernetes:yaml:ConfigFile", "aws:s3/bucket:Bucket", "x"]
)
def test_a_type_that_is_no_object_is_refused_by_name(written: str) -> None:
    with pytest.raises(RefusedError, match=written):
        manifest.token(written)


def test_nulls_and_what_only_the_cluster_writes_are_left_out() -> None:
    given = {"metadata": {"name": "web", "uid": "u", "labels": None}, "status": None, "spec": {"a": [{"b": None}]}}
    assert manifest.cleaned(given, DEPLOYMENT) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"a": [{}]},
    }


def test_a_manifest_that_contradicts_its_type_is_refused() -> None:
    with pytest.raises(RefusedError, match=r'kind is "Pod".*"Deployment"'):
        manifest.cleaned({"kind": "Pod"}, DEPLOYMENT)


def test_the_manager_is_the_annotated_one_before_the_one_in_the_state() -> None:
    annotated = {"metadata": {"annotations": {manifest.MANAGER: "a"}}}
    assert manifest.manager(annotated, {manifest.STATE_MANAGER: "b"}) == "a"
    assert manifest.manager({}, {manifest.STATE_MANAGER: "b"}) == "b"
    assert manifest.manager({}, {}) != manifest.manager({}, {})


def test_the_annotation_about_force_overrides_the_provider() -> None:
    refused = {"metadata": {"annotations": {manifest.FORCE: "false"}}}
    assert not manifest.forced(refused, default=True)
    assert manifest.forced({}, default=True)


@pytest.mark.parametrize(("identity", "parts"), [("demo/web", ("demo", "web")), ("node-1", ("", "node-1"))])
def test_an_id_is_namespace_and_name(identity: str, parts: tuple[str, str]) -> None:
    assert manifest.split(identity) == parts
    metadata = {"name": parts[1]} | ({"namespace": parts[0]} if parts[0] else {})
    assert manifest.identifier({"metadata": metadata}) == identity


@pytest.mark.parametrize("identity", ["", "a/b/c", "a/"])
def test_what_is_no_id_is_refused(identity: str) -> None:
    with pytest.raises(RefusedError, match="is no ID"):
        manifest.split(identity)


def test_a_name_depends_on_its_seed_alone() -> None:
    assert manifest.autoname("web", b"seed") == manifest.autoname("web", b"seed")
    assert manifest.autoname("web", b"seed") != manifest.autoname("web", b"other")


def test_all_that_a_secret_holds_is_secret_and_only_there() -> None:
    assert ("data",) in manifest.secret_paths({"apiVersion": "v1", "kind": "Secret"}, frozenset())
    assert manifest.secret_paths({"apiVersion": "v1", "kind": "ConfigMap"}, frozenset()) == frozenset()
