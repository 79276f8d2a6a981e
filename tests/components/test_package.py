"""Arguments of a program in another language become the library's arguments."""

from typing import Any, cast

import pulumi
import pytest

from federation.components import package
from federation.components.package import FederationComponentArgs
from tests.components.test_arguments import NAMESPACE, TAKES, TOKEN, planned

pytestmark = pytest.mark.mocks


def arrived(**given: Any) -> Any:
    """The library's arguments for what the component host hands over, numbers as they come off the wire."""
    return package.federation_args(cast("FederationComponentArgs", given))


def test_members_have_the_keys_of_a_stacks_config_and_whole_numbers() -> None:
    member = {"kubernetes_version": "1.34", "wave": 1.0, "nodes": {"desired": 3.0, "instance_type": "m6i.large"}}
    found = arrived(members={"us-east": {**member, "region": "us-east-1", "labels": {"cost_centre": "a"}}})
    assert found.members == {
        "us-east": {
            "kubernetesVersion": "1.34",
            "wave": 1,
            "nodes": {"desired": 3, "instanceType": "m6i.large"},
            "region": "us-east-1",
            "labels": {"cost_centre": "a"},
        }
    }


def test_whole_numbers_in_documents_are_whole_again_and_others_stay() -> None:
    found = arrived(members={}, documents=[{"spec": {"replicas": 3.0, "ports": [80.0], "share": 0.5}}], files=["a"])
    assert found.documents == ["a", {"spec": {"replicas": 3, "ports": [80], "share": 0.5}}]
    assert isinstance(found.documents[1]["spec"]["replicas"], int)


def test_a_secret_that_was_not_given_is_a_fault_at_its_document() -> None:
    found = arrived(
        members={"us-east": {"region": "us-east-1", "kubernetes_version": "1.34"}},
        documents=[NAMESPACE, TAKES],
        secrets={"other": "x"},
    )
    with pytest.raises(
        pulumi.RunError, match=r"<python>\[1\]: Secret shop/s: it takes the secret 'shopToken', which is"
    ):
        planned(found)


def test_a_secret_that_was_given_is_taken() -> None:
    found = arrived(
        members={"us-east": {"region": "us-east-1", "kubernetes_version": "1.34"}},
        documents=[NAMESPACE, TAKES],
        secrets={TOKEN: "x"},
    )
    assert planned(found).secrets is found.secrets
