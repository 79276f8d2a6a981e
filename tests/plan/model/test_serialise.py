"""A plan as plain data: complete, the same every time, and without a secret in it."""

import json

from federation.plan.model import serialise
from tests.plan.building import NAMESPACE, TALK, document, planned

SECRET = document(
    "FederatedSecret",
    "keys",
    "{template: {stringData: {password: PLANTED, user: {valueFrom: {config: user}}}}, "
    "placement: {clusterSelector: {}}}",
)


def test_a_plan_is_json_and_comes_out_the_same_every_time() -> None:
    one, other = (json.dumps(serialise.to_tree(planned(TALK)), sort_keys=False) for _ in range(2))
    assert one == other


def test_a_tree_has_what_the_plan_has() -> None:
    tree = serialise.to_tree(planned(TALK))
    deployment = next(each for each in tree["members"][1]["objects"] if each["kind"] == "Deployment")
    assert deployment["logicalName"] == "us-east/demo/Deployment/web"
    assert deployment["manifest"]["spec"]["replicas"] == deployment["replicas"] == 6
    assert deployment["source"] == "web.yaml:7"
    assert tree["records"][0]["target"]["objectName"] == "ap-northeast/demo/Service/web"


def test_a_secret_shows_neither_in_the_tree_nor_in_the_plans_text() -> None:
    made = planned(NAMESPACE + SECRET)
    text = json.dumps(serialise.to_tree(made)) + repr(made)
    assert "PLANTED" not in text
    assert '"password": "[secret]"' in text
    assert '"user": {"valueFrom": {"config": "user"}, "encoded": false}' in text


def test_a_warning_has_place_and_remedy() -> None:
    tree = serialise.to_tree(planned(NAMESPACE + SECRET))
    assert tree["warnings"][0]["severity"] == "warning"
    assert tree["warnings"][0]["place"].startswith("web.yaml:")
    assert tree["warnings"][0]["remedy"]
