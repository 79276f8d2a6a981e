"""What changed, and what of it cannot be done in place."""

import pytest

from sandbox.plugins.kubernetes import change
from sandbox.plugins.kubernetes.change import Change
from sandbox.plugins.kubernetes.errors import ApiError, Cause
from sandbox.plugins.properties import Path

REPLICAS: Path = ("spec", "replicas")
SELECTOR: Path = ("spec", "selector", "matchLabels", "app")


def refusal(field: str, message: str, status: int = 422) -> ApiError:
    """An API server's answer with one cause."""
    return ApiError(status, "Invalid", message, [Cause(field=field, message=message)])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [Change(path=("a",), how="update")]),
        ({}, {"a": {"b": 1}}, [Change(path=("a",), how="add")]),
        ({"a": 1}, {}, [Change(path=("a",), how="delete")]),
        ({"a": [1, 2]}, {"a": [1]}, [Change(path=("a", 1), how="delete")]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, [Change(path=("a", 0, "b"), how="update")]),
        ({"a": []}, {"a": [1]}, [Change(path=("a", 0), how="add")]),
        ({"a": 1}, {"a": True}, [Change(path=("a",), how="update")]),
        ({"a": {}}, {"a": []}, [Change(path=("a",), how="update")]),
    ],
)  # fmt: skip
def test_changes_are_as_deep_as_possible(old: object, new: object, expected: list[Change]) -> None:
    assert change.between(old, new) == expected


def test_a_change_at_below_or_above_a_place_replaces() -> None:
    changes = [Change(path=path, how="update") for path in (REPLICAS, SELECTOR, ("spec",))]
    marked = change.replacing(changes, [("spec", "selector")])
    assert [item.replaces for item in marked] == [False, True, True]


@pytest.mark.parametrize(
    "message",
    [
        "Invalid value: {}: field is immutable",
        "may not change once set",
        "Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden",
        "Forbidden: updates to parameters are forbidden.",
        "pod updates may not change fields other than `spec.containers[*].image`",
        "cannot change roleRef",
    ],
)
def test_an_api_server_says_in_many_words_that_a_field_is_immutable(message: str) -> None:
    changes = [Change(path=SELECTOR, how="update")]
    assert change.refused(refusal("spec.selector", message), changes) == [SELECTOR]


def test_only_what_was_refused_replaces() -> None:
    changes = [Change(path=REPLICAS, how="update"), Change(path=SELECTOR, how="update")]
    assert change.refused(refusal("spec.selector", "field is immutable"), changes) == [SELECTOR]


def test_a_refusal_that_names_no_changed_field_replaces_for_all_but_metadata() -> None:
    changes = [Change(path=("metadata", "labels", "a"), how="add"), Change(path=REPLICAS, how="update")]
    assert change.refused(refusal("spec", "fields other than 'x' are forbidden"), changes) == [REPLICAS]
    assert change.refused(refusal("", "field is immutable"), changes) == [REPLICAS]


@pytest.mark.parametrize(
    "error", [refusal("spec.replicas", "must be positive"), refusal("a", "field is immutable", 409)]
)
def test_other_refusals_replace_nothing(error: ApiError) -> None:
    assert change.refused(error, [Change(path=REPLICAS, how="update")]) == []


def test_config_maps_and_secrets_are_replaced_unless_they_may_be_changed() -> None:
    assert ("data",) in change.own_accord("ConfigMap", mutable_config_maps=False, mutable_secrets=True)
    assert change.own_accord("ConfigMap", mutable_config_maps=True, mutable_secrets=False) == ()
    assert ("stringData",) in change.own_accord("Secret", mutable_config_maps=True, mutable_secrets=False)
    assert change.own_accord("Deployment", mutable_config_maps=False, mutable_secrets=False) == ()
