"""Logical names are made of an object's own identity, and no two objects share one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.plan.model import names
from tests.plan.building import TALK, planned


@pytest.mark.parametrize(
    ("api_version", "kind", "namespace", "name", "expected"),
    [
        ("v1", "ConfigMap", "demo", "web", "us-east/demo/ConfigMap/web"),
        ("apps/v1", "Deployment", "demo", "web", "us-east/demo/Deployment/web"),
        ("v1", "Namespace", "", "demo", "us-east/Namespace/demo"),
        ("networking.k8s.io/v1", "Ingress", "demo", "web", "us-east/demo/Ingress/web"),
        ("networking.k8s.io/v1beta1", "Ingress", "demo", "web", "us-east/demo/Ingress/web"),
        ("example.com/v1", "Ingress", "demo", "web", "us-east/demo/Ingress.example.com/web"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", "", "a::b", "us-east/ClusterRole/a%3A%3Ab"),
    ],
)
def test_an_object_is_called(api_version: str, kind: str, namespace: str, name: str, expected: str) -> None:
    assert names.object_name("us-east", names.in_every_member(api_version, kind, namespace, name)) == expected


@pytest.mark.parametrize(
    ("api_version", "kind", "expected"),
    [
        ("v1", "ConfigMap", "kubernetes:core/v1:ConfigMap"),
        ("apps/v1", "Deployment", "kubernetes:apps/v1:Deployment"),
        ("rbac.authorization.k8s.io/v1", "Role", "kubernetes:rbac.authorization.k8s.io/v1:Role"),
    ],
)
def test_a_type_has_pulumis_token(api_version: str, kind: str, expected: str) -> None:
    assert names.token(api_version, kind) == expected


identities = st.tuples(
    st.sampled_from(["us-east", "us-west"]),
    st.sampled_from(["v1", "apps/v1", "example.com/v1", "example.com/v2", "other.io/v1"]),
    st.sampled_from(["Deployment", "Thing"]),
    st.sampled_from(["", "demo", "Thing"]),
    st.sampled_from(["web", "a:b", "a::b", "a:::b", "Thing"]),
)


@given(st.sets(identities))
def test_two_objects_never_share_a_name(objects: set[tuple[str, str, str, str, str]]) -> None:
    def identity(each: tuple[str, str, str, str, str]) -> tuple[str, ...]:
        member, api_version, kind, namespace, name = each
        group = api_version.rpartition("/")[0].replace("apps", "")
        return (member, group, kind, namespace, name)

    assert len({names.object_name(member, names.in_every_member(*rest)) for member, *rest in objects}) == len(
        {identity(each) for each in objects}
    )


def test_no_name_in_a_plan_divides_a_urn() -> None:
    made = planned(TALK)
    called = [each.logical_name for member in made.members for each in member.objects]
    called += [each.logical_name for each in made.records]
    assert not [name for name in called if "::" in name]
    assert len(set(called)) == len(called)
