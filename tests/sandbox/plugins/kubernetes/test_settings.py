"""A provider's configuration."""

import pytest

from sandbox.plugins.kubernetes import settings
from sandbox.plugins.kubernetes.errors import RefusedError
from sandbox.plugins.properties import UNKNOWN


def test_switches_arrive_as_words_and_structures_as_json() -> None:
    found = settings.parse(
        {"enablePatchForce": "true", "upsertExistingObjects": True, "kubeClientSettings": '{"timeout": 5}'}, {}
    )
    assert found.patch_force
    assert found.upsert
    assert found.timeout == 5.0


def test_an_environment_variable_stands_behind_each_switch() -> None:
    environment = {"PULUMI_K8S_SKIP_UPDATE_UNREACHABLE": "true"}
    assert settings.parse({}, environment).skip_update_unreachable
    assert not settings.parse({"skipUpdateUnreachable": "false"}, environment).skip_update_unreachable


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kubeConfig", "x"),
        ("renderYamlToDirectory", "out"),
        ("deleteUnreachable", "yes"),
        ("enableServerSideApply", "false"),
    ],
)
def test_what_is_not_known_or_not_done_is_refused_by_name(key: str, value: str) -> None:
    assert list(settings.faults({key: value})) == [key]
    with pytest.raises(RefusedError, match=key):
        settings.parse({key: value}, {})


def test_unknown_values_are_no_fault() -> None:
    assert settings.faults({"kubeconfig": UNKNOWN, "enablePatchForce": UNKNOWN, "version": "4.34.2"}) == {}
