"""The digests of fixed fields in an index: their size, and the values that they never hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.api.model.secrets import SecretLiteral
from federation.plan.changes.fingerprints import Fingerprints
from federation.plan.model import object_index
from federation.plan.model.object_index import IndexEntry
from tests.plan.building import TALK, planned
from tests.plan.changes.fixed_changes import cases, entry

TOKEN = "kubernetes:apps/v1:Deployment"


def test_a_kind_without_fixed_fields_adds_nothing_to_the_index() -> None:
    assert entry({"apiVersion": "v1", "kind": "Namespace"}).fixed is None
    assert entry({"apiVersion": "v1", "kind": "LimitRange", "spec": {"limits": []}}).fixed is None
    assert entry({"apiVersion": "example.org/v1", "kind": "Deployment", "spec": {"selector": {}}}).fixed is None


def test_of_a_kind_with_fixed_fields_the_index_has_those_that_are_set() -> None:
    (web,) = (each for each in planned(TALK).member("us-east").index or () if each.kind == "Deployment")
    assert [path for path, _ in web.fixed or ()] == ["spec.selector"]
    assert entry({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "reclaimPolicy": "Delete"}).fixed == ()


def test_no_value_of_a_secret_takes_part() -> None:
    one, other = (
        entry({"apiVersion": "v1", "kind": "Secret", "immutable": True, "data": {"a": SecretLiteral(each)}})
        for each in ("one", "other")
    )
    assert one == other


@pytest.mark.parametrize("size", ["1", "1000m", "1000000u", "1e0", "10E-1"])
def test_a_quantity_is_its_size(size: str) -> None:
    manifest = {"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"limits": {"cpu": 1}}}}
    other = {**manifest, "spec": {"template": {"limits": {"cpu": size}}}}
    assert Fingerprints().prints(manifest) == Fingerprints().prints(other)


def test_manifests_that_share_an_object_are_looked_at_once_and_ignored_paths_differ() -> None:
    prints = Fingerprints()
    manifest = {"apiVersion": "v1", "kind": "Service", "spec": {"clusterIP": "10.0.0.1", "type": "ExternalName"}}
    assert prints.prints(manifest) == prints.prints(manifest)
    assert prints.prints(manifest, ("spec.clusterIP",)) == (("spec.clusterIP", "?"),)
    assert prints.prints(manifest, ("spec",)) == (("spec.clusterIP", "?"),)
    assert prints.prints(manifest, ("spec.clusterIPs", "spec.ports[0].nodePort")) == prints.prints(manifest)


@given(
    st.dictionaries(st.text(), st.text(), max_size=4) | st.none(),
    st.sampled_from([None, (), ("http/TCP/80",)]),
    st.integers(-1, 3),
    st.booleans(),
)
def test_the_index_survives_its_text(
    fixed: dict[str, str] | None, ports: tuple[str, ...] | None, replicas: int, orphan: bool
) -> None:
    one = IndexEntry(
        logical_name="us-east/demo/Deployment/web",
        token=TOKEN,
        digest="d",
        replicas=replicas,
        orphan=orphan,
        ports=ports,
        fixed=None if fixed is None else tuple(sorted(fixed.items())),
    )
    assert object_index.from_text(object_index.to_text([one])) == (one,)


def test_every_case_survives_the_text_of_an_index() -> None:
    entries = [entry(manifest) for _, before, after, _ in cases() for manifest in (before, after)]
    assert entries
    for each in entries:
        assert object_index.from_text(object_index.to_text([each])) == (each,)


@pytest.mark.parametrize(
    "text",
    [
        f'["{TOKEN}", "d"]',
        f'["{TOKEN}", "d", 3]',
        f'["{TOKEN}", "d", -1, "orphan"]',
        f'["{TOKEN}", "d", 3, "", ["http/TCP/80"]]',
    ],
)
def test_an_index_of_an_earlier_version_knows_no_fixed_fields(text: str) -> None:
    (one,) = object_index.from_text(f'index/1 {{"us-east/demo/Deployment/web": {text}}}')
    assert one.fixed is None
    assert one.digest == "d"


def test_digests_in_another_form_are_not_known() -> None:
    (one,) = object_index.from_text(f'{{"us-east/demo/Deployment/web": ["{TOKEN}", "d", {{"spec.selector": 1}}]}}')
    assert one.fixed is None
