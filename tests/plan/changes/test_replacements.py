"""Changes that replace an object or are refused, and the fields that cause it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.plan.changes import replacements
from federation.plan.changes.fixed_fields import FIELDS, REFUSED, REPLACED
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from tests.plan.building import NAMESPACE, deployment, document, planned, service
from tests.plan.changes.fixed_changes import cases, entry

CASES = list(cases())


def effect(before: IndexEntry, after: IndexEntry) -> dict[str, list[str]]:
    found = replacements.between(before, after)
    return {found.change: list(found.fields)} if found else {}


@pytest.mark.parametrize(("name", "before", "after", "case"), CASES, ids=[case[0] for case in CASES])
def test_a_change_of_fixed_fields(
    name: str, before: dict[str, Any], after: dict[str, Any], case: Mapping[str, Any]
) -> None:
    ignored = case.get("ignored", ())
    expected = {change: case[change] for change in ("replace", "immutable") if change in case}
    assert effect(entry(before, ignored), entry(after, ignored)) == expected
    assert effect(entry(after, ignored), entry(after, ignored)) == {}


def test_every_kind_of_the_lists_has_a_case() -> None:
    assert {(before["apiVersion"], before["kind"]) for _, before, _, _ in CASES} >= set(FIELDS)


def test_no_field_stands_in_both_lists() -> None:
    in_both = REPLACED.keys() & REFUSED.keys()
    assert in_both
    for key in in_both:
        assert {each.path for each in REPLACED[key]}.isdisjoint(each.path for each in REFUSED[key]), key


@given(st.sampled_from(sorted(FIELDS)), st.data())
def test_what_stays_the_same_is_never_replaced_or_refused(key: tuple[str, str], data: st.DataObject) -> None:
    manifest = {"apiVersion": key[0], "kind": key[1], **data.draw(manifests(key))}
    assert effect(entry(manifest), entry(dict(manifest))) == {}
    assert effect(replace(entry(manifest), fixed=None), entry(manifest)) == {}


def manifests(key: tuple[str, str]) -> st.SearchStrategy[dict[str, Any]]:
    """Trees with values of any form at the fixed fields of a kind."""
    values = st.recursive(
        st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "1Gi", "None", "a"]),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "limits"]), inner),
        max_leaves=4,
    )
    paths = sorted({each.partition("[")[0] for each in FIELDS[key]})
    chosen = st.dictionaries(st.sampled_from(paths), values, max_size=4)
    return chosen.map(_tree)


def _tree(fields: Mapping[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, value in sorted(fields.items()):
        *parents, name = path.split(".")
        at = tree
        for parent in parents:
            at = at.setdefault(parent, {})
            if not isinstance(at, dict):
                break
        else:
            at[name] = value
    return tree


def test_of_another_api_version_or_an_earlier_index_a_change_is_a_change() -> None:
    one, other = ({"apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": {"selector": each}} for each in "ab")
    assert effect(entry(one), entry(other)) == {"immutable": ["spec.selector"]}
    assert effect(replace(entry(one), token="kubernetes:apps/v1beta2:ReplicaSet"), entry(other)) == {}
    assert effect(replace(entry(one), fixed=None), entry(other)) == {}


def test_an_orphan_is_not_deleted_so_that_what_replaces_others_is_refused_of_it() -> None:
    def job(**spec: Any) -> IndexEntry:
        return replace(entry({"apiVersion": "batch/v1", "kind": "Job", "spec": spec}), orphan=True)

    assert effect(job(completions=1), job(completions=2)) == {"immutable": ["spec.completions"]}
    assert effect(job(parallelism=1), job(parallelism=2)) == {"replace": ["spec.parallelism"]}


def test_of_a_failed_replacement_nobody_knows_how_far_it_went() -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job"}
    before = entry({**job, "spec": {"completions": 1}})
    assert replacements.failed(entry({**job, "spec": {"completions": 2}}), before).fixed is None
    refused = entry({**job, "spec": {"completions": 1, "managedBy": "a/b"}})
    assert replacements.failed(refused, before) == replace(before, digest="?")
    assert replacements.failed(replace(refused, replicas=3), None) == replace(refused, digest="?", replicas=-1)


def registered(made: Plan) -> Observed:
    return Observed(registered={member.name: member.index or () for member in made.members})


def job(spec: str) -> str:
    return NAMESPACE + document(
        "FederatedJob", "work", f"{{template: {{spec: {spec}}}, placement: {{clusterSelector: {{}}}}}}"
    )


def test_a_job_is_announced_as_replaced_only_where_a_field_replaces_it() -> None:
    stands = registered(planned(job("{template: {spec: {image: a}}}")))
    assert planned(job("{template: {spec: {image: a}}, backoffLimit: 1}"), stands).warnings == ()
    (warning,) = planned(job("{template: {spec: {image: b}}}"), stands).warnings
    assert str(warning) == (
        "warning: web.yaml:10: spec.template.spec.template: Job demo/work is replaced, since spec.template cannot be "
        "changed in place: it is deleted and created again, and its work begins again (in ap-northeast, us-east, "
        "us-west); let it finish first, or give the new work a Job of its own name"
    )


def test_a_replacement_that_cannot_be_previewed_says_how_to_go_on() -> None:
    def text(address: str) -> str:
        return NAMESPACE + service(body=f"{address}ports: [{{port: 80}}]")

    (warning,) = planned(text("clusterIP: None, "), registered(planned(text("")))).warnings
    assert "Service demo/web is replaced, since spec.clusterIP" in warning.message
    assert warning.remedy.endswith("update with --skip-preview, as the API server refuses the preview of it")


def test_a_workload_that_is_replaced_has_no_pods_meanwhile() -> None:
    stands = registered(planned(NAMESPACE + deployment()))
    (warning,) = planned(NAMESPACE + deployment().replace("app: web", "app: shop"), stands).warnings
    assert "Deployment demo/web is replaced, since spec.selector cannot be changed in place" in warning.message
    assert "has no pods meanwhile (in ap-northeast, us-east, us-west)" in warning.message
    assert "put it back to keep it, or give the changed object a new name" in warning.remedy


def test_a_refused_update_names_the_members_that_it_fails_in() -> None:
    def text(overrides: str) -> str:
        body = "type: LoadBalancer, loadBalancerClass: a/b, ports: [{port: 80}]"
        return NAMESPACE + service(body=body, spec=f"placement: {{clusterSelector: {{}}}}, overrides: [{overrides}]")

    stands = registered(planned(text("")))
    path = "{path: /spec/loadBalancerClass, value: a/c}"
    (warning,) = planned(text(f"{{clusterName: us-east, clusterOverrides: [{path}]}}"), stands).warnings
    assert (
        warning.message == "the update of Service demo/web will fail: spec.loadBalancerClass is immutable (in us-east)"
    )
    assert warning.remedy == "put it back, give the changed object a new name, or delete this one there first"


def test_a_retained_field_says_nothing_and_one_that_an_override_sets_does() -> None:
    def text(address: str, overrides: str = "") -> str:
        body = f"clusterIP: {address}, ports: [{{port: 80}}]"
        return NAMESPACE + service(body=body, spec=f"placement: {{clusterSelector: {{}}}}, overrides: [{overrides}]")

    def override(address: str) -> str:
        return f"{{clusterName: us-east, clusterOverrides: [{{path: /spec/clusterIP, value: {address}}}]}}"

    stands = registered(planned(text("10.0.0.1")))
    assert planned(text("10.0.0.2"), stands).warnings == ()
    # The retained value is unknown, so the first override of it counts only as a change.
    assert planned(text("10.0.0.1", override("10.0.0.3")), stands).warnings == ()
    overridden = registered(planned(text("10.0.0.1", override("10.0.0.3"))))
    (warning,) = planned(text("10.0.0.1", override("10.0.0.4")), overridden).warnings
    assert "Service demo/web is replaced, since spec.clusterIP" in warning.message
