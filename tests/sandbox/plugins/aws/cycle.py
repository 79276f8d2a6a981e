"""Check the life cycle that every resource type must have."""

from typing import Any

from tests.sandbox.plugins.aws.driver import Driver, Resource


def born(driver: Driver, token: str, name: str, inputs: dict[str, Any]) -> Resource:
    """Make a resource, and assert that its preview was right, a refresh finds nothing and no change is left."""
    preview = driver.preview(token, name, inputs)
    made = driver.create(token, name, inputs)
    assert preview.keys() == made.state.keys()
    unchanged(driver, made, inputs)
    return made


def unchanged(driver: Driver, made: Resource, inputs: dict[str, Any]) -> None:
    """Assert that a refresh finds what the state has, and that the same inputs are no change."""
    found = driver.read(made)
    assert found is not None
    assert (found.state, found.inputs, found.identifier) == (made.state, made.inputs, made.identifier)
    assert driver.diff(made, inputs).changed == ()


def changed(driver: Driver, made: Resource, inputs: dict[str, Any], *properties: str) -> None:
    """Change a resource in place, and assert that exactly these properties change, and no change is left."""
    found = driver.diff(made, inputs)
    assert (set(found.changed), found.replaces) == (set(properties), ())
    driver.update(made, inputs)
    unchanged(driver, made, inputs)


def gone(driver: Driver, *made: Resource) -> None:
    """Delete resources one after the other, each twice, and see that they are gone."""
    for resource in made:
        driver.delete(resource)
        assert driver.read(resource) is None
        driver.delete(resource)
