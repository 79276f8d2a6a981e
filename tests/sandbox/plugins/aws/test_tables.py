"""The tables agree with the SDK."""

import importlib
import inspect
from typing import Any

import pytest

from sandbox.plugins.aws.registry import RESOURCE_TYPES
from sandbox.plugins.aws.schema import ResourceType


def sdk_class(kind: ResourceType) -> Any:
    """Find the SDK's class of a type: `aws:ec2/vpc:Vpc` is `pulumi_aws.ec2.Vpc`."""
    _, place, name = kind.name.split(":")
    return getattr(importlib.import_module(f"pulumi_aws.{place.partition('/')[0]}"), name)


def pulumi_names(cls: Any) -> dict[str, str]:
    """Return a class's property names, as the wire has them, by their Python names."""
    properties = {name: prop.fget for name, prop in vars(cls).items() if isinstance(prop, property)}
    return {name: getattr(getter, "_pulumi_name", name) for name, getter in properties.items()}


def sdk_inputs(cls: Any) -> set[str]:
    names = pulumi_names(cls)
    given = set(inspect.signature(cls._internal_init).parameters) - {"__self__", "resource_name", "opts", "__props__"}
    return {names[name] for name in given if name in names}


pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the SDK warns of its own old classes
every_type = pytest.mark.parametrize("kind", RESOURCE_TYPES.values(), ids=RESOURCE_TYPES.keys())


@every_type
def test_every_property_of_a_table_is_an_input_of_the_sdk(kind: ResourceType) -> None:
    assert kind.properties
    assert set(kind.properties) <= sdk_inputs(sdk_class(kind))


@every_type
def test_every_output_of_the_sdk_is_one_of_the_table_so_that_a_preview_shows_it_as_unknown(kind: ResourceType) -> None:
    cls = sdk_class(kind)
    outputs = set(pulumi_names(cls).values()) - sdk_inputs(cls) - {"tagsAll"}
    assert outputs == set(kind.outputs)


@every_type
def test_a_type_without_an_update_has_only_properties_that_replace_it(kind: ResourceType) -> None:
    if kind.update is None:
        assert all(prop.replaces or name == "tags" for name, prop in kind.properties.items())


@every_type
def test_a_type_that_is_named_automatically_has_that_property_and_replaces_on_it(kind: ResourceType) -> None:
    if kind.autoname is not None:
        assert kind.properties[kind.autoname.property].replaces


def test_the_types_that_the_project_needs_are_known() -> None:
    assert {"aws:ec2/vpc:Vpc", "aws:eks/cluster:Cluster", "aws:route53/record:Record"} <= RESOURCE_TYPES.keys()
