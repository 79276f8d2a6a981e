"""What others have changed of what was applied."""

from typing import Any

import pytest

from sandbox.plugins.kubernetes import drift

INPUTS: dict[str, Any] = {
    "spec": {"replicas": 2, "containers": [{"name": "web", "image": "a", "cpu": "1000m"}], "args": ["x"]}
}


def live(**changed: Any) -> dict[str, Any]:
    """A live object: defaults filled in, quantities in the API server's words, a container added by the cluster."""
    web = {"name": "web", "image": "a", "cpu": "1", "policy": "Always"} | changed
    return {"spec": {"replicas": 2, "containers": [{"name": "proxy"}, web], "args": ["x"], "more": 1}, "status": {}}


def test_a_live_object_is_cut_to_the_shape_of_the_inputs_and_items_are_matched_by_name() -> None:
    assert drift.pruned(live(), INPUTS)["spec"]["containers"] == [{"name": "web", "image": "a", "cpu": "1"}]


def test_other_words_for_the_same_are_suspected_but_not_confirmed() -> None:
    assert drift.suspected(INPUTS, live())
    assert drift.confirmed(INPUTS, live(), live()) == INPUTS


def test_the_same_words_are_not_even_suspected() -> None:
    assert not drift.suspected(INPUTS, live(cpu="1000m"))


def test_what_has_drifted_gets_its_live_value_and_nothing_else_changes() -> None:
    found = drift.confirmed(INPUTS, live(image="theirs"), live())
    assert found["spec"]["containers"] == [{"name": "web", "image": "theirs", "cpu": "1000m"}]
    assert found["spec"]["replicas"] == 2


def test_a_field_that_is_gone_is_gone_from_the_inputs_too() -> None:
    without = live()
    del without["spec"]["replicas"]
    assert "replicas" not in drift.confirmed(INPUTS, without, live())["spec"]


@pytest.mark.parametrize(("args", "expected"), [(["y"], ["y"]), (["x", "y"], ["x", "y"]), ([], [])])
def test_a_list_of_words_drifts_as_a_whole(args: list[str], expected: list[str]) -> None:
    changed = live()
    changed["spec"]["args"] = args
    assert drift.confirmed(INPUTS, changed, live())["spec"]["args"] == expected


def test_string_data_of_a_secret_is_read_out_of_its_data() -> None:
    inputs = {"kind": "Secret", "stringData": {"a": "1"}}
    assert drift.readable(inputs, {"data": {"a": "Mg==", "b": "MQ=="}})["stringData"] == {"a": "2"}
    assert "stringData" not in drift.readable({"kind": "ConfigMap"}, {"data": {}})
