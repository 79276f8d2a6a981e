"""Ranges of subnets: by zone, from the VPC's own range."""

import pytest

from federation.components.network import subnet_ranges


def test_a_zone_gets_a_public_and_a_private_range_and_keeps_them_when_another_is_added() -> None:
    two = subnet_ranges("10.10.0.0/16", ("a", "b"))
    three = subnet_ranges("10.10.0.0/16", ("a", "b", "c"))
    assert two == {"a": ("10.10.0.0/20", "10.10.16.0/20"), "b": ("10.10.32.0/20", "10.10.48.0/20")}
    assert {zone: three[zone] for zone in two} == two


def test_a_range_that_is_too_small_says_how_much_room_there_is_and_is_needed() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/19 has room for 2 ranges of /20; 2 zones need 4"):
        subnet_ranges("10.0.0.0/19", ("a", "b"))
