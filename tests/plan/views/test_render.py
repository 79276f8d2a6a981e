"""The files of a rendered plan, and what they never contain."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from federation.plan.model import names
from federation.plan.model.plan import Plan, PlannedObject
from federation.plan.views import render
from federation.plan.views.render import FileRenderer, OmittedObject, RenderedFile
from tests import places
from tests.plan.building import NAMESPACE, TALK, deployment, document, planned

CASES = yaml.safe_load((places.CASES / "rendering" / "paths.yaml").read_text())
SECRETS = (
    NAMESPACE
    + document("FederatedSecret", "plain", "{template: {stringData: {p: PLANTED}}, placement: {clusterSelector: {}}}")
    + document(
        "FederatedSecret",
        "mixed",
        "{template: {stringData: {p: PLANTED, q: {valueFrom: {config: token}}}}, placement: {clusterSelector: {}}}",
    )
    + document("FederatedSecret", "empty", "{template: {type: Opaque}, placement: {clusterSelector: {}}}")
)


def files(plan: Plan, member: str = "us-east", *, with_secrets: bool = False) -> dict[str, RenderedFile]:
    found = FileRenderer(with_secrets=with_secrets).files(plan.member(member))
    return {file.path.removeprefix(f"{member}/"): file for file in found}


def of(case: dict[str, Any]) -> PlannedObject:
    return PlannedObject(
        logical_name=names.object_name(
            "east", names.in_every_member(case["api"], case["kind"], case["namespace"], case["name"])
        ),
        token="",
        member="east",
        api_version=case["api"],
        kind=case["kind"],
        namespace=case["namespace"],
        name=case["name"],
        manifest={},
    )


@pytest.mark.parametrize("case", [pytest.param(case, id=case["path"]) for case in CASES])
def test_an_object_has_the_file(case: dict[str, Any]) -> None:
    assert render.path(of(case)) == case["path"]


@given(st.text("abc-.", min_size=230, max_size=253), st.text("abc-.", min_size=230, max_size=253))
def test_very_long_names_are_cut_and_stay_apart(one: str, other: str) -> None:
    paths = [render.path(of({**CASES[0], "name": name})) for name in (one, other)]
    assert all(len(path.rpartition("/")[2]) <= 255 for path in paths)
    assert (paths[0] == paths[1]) == (one == other)


def test_every_object_is_in_a_file_of_its_own_as_it_was_planned() -> None:
    plan = planned(TALK)
    rendered = files(plan)
    assert list(rendered) == [
        "2-cluster/namespace-demo.yaml",
        "3-namespaces/demo/service-web.yaml",
        "3-namespaces/demo/deployment-web.yaml",
    ]
    tree = yaml.safe_load(rendered["3-namespaces/demo/deployment-web.yaml"].text)
    (wanted,) = [each for each in plan.member("us-east").objects if each.kind == "Deployment"]
    assert tree["spec"] == wanted.manifest["spec"]
    assert tree["metadata"]["labels"] == {"kubefed.io/managed": "true"}


def test_names_sort_in_the_order_in_which_kubectl_can_apply_them() -> None:
    definition = document(
        "FederatedCustomResourceDefinition",
        "widgets.example.com",
        "{template: {spec: {group: example.com, scope: Namespaced, names: {kind: Widget, plural: widgets}, versions: "
        "[{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}, "
        "placement: {clusterSelector: {}}}",
    )
    first, second, *rest = sorted(files(planned(NAMESPACE + definition + deployment())))
    assert first.endswith("customresourcedefinition-widgets.example.com.yaml")
    assert second.endswith("namespace-demo.yaml")
    assert rest == ["3-namespaces/demo/deployment-web.yaml"]


def test_what_is_meant_for_pulumi_is_left_out_and_nothing_else() -> None:
    override = (
        "placement: {clusterSelector: {}}, overrides: [{clusterName: us-east, clusterOverrides: "
        "[{op: add, path: /metadata/annotations, value: {team: web}}]}]"
    )
    plan = planned(NAMESPACE + deployment(spec=override))
    east, west = (
        yaml.safe_load(files(plan, name)["3-namespaces/demo/deployment-web.yaml"].text)
        for name in ("us-east", "us-west")
    )
    assert east["metadata"]["annotations"] == {"team": "web"}
    assert "annotations" not in west["metadata"]


def test_secrets_with_values_are_left_out_and_told_once_for_all_members() -> None:
    plan = planned(SECRETS)
    renderer = FileRenderer()
    texts = [file.text for member in plan.members for file in renderer.files(member)]
    assert "PLANTED" not in "".join(texts)
    assert [yaml.safe_load(text)["metadata"]["name"] for text in texts] == ["demo", "empty"] * 3
    assert sorted(each.document for each in renderer.left) == ["demo/Secret/mixed", "demo/Secret/plain"]


def test_literals_are_written_when_asked_for_and_references_never() -> None:
    renderer = FileRenderer(with_secrets=True)
    rendered = {file.path: file for file in renderer.files(planned(SECRETS).member("us-east"))}
    assert [path.rpartition("/")[2] for path, file in rendered.items() if file.secret] == ["secret-plain.yaml"]
    assert "p: PLANTED" in rendered["us-east/3-namespaces/demo/secret-plain.yaml"].text
    assert "PLANTED" not in repr(list(rendered.values()))
    why = "its values stand encrypted in the stack's config (token): only an update knows them"
    assert renderer.left == {OmittedObject(document="demo/Secret/mixed", why=why)}


def test_members_that_share_a_manifest_share_its_text() -> None:
    renderer = FileRenderer()
    plan = planned(NAMESPACE + deployment())
    first, second, third = ([file.text for file in renderer.files(member)] for member in plan.members)
    assert len(first) == 2
    assert all(one is other for one, other in zip(first, second, strict=True))
    assert all(one is other for one, other in zip(first, third, strict=True))


def test_the_same_documents_give_the_same_bytes() -> None:
    first, second = ([(path, file.text) for path, file in files(planned(TALK)).items()] for _ in range(2))
    assert len(first) == 3
    assert first == second
