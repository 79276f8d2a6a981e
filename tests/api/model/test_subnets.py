"""Ranges of subnets belong to their zones by name, whichever other zones are added or removed."""

import itertools

import pytest

from federation.api.model import subnets

CIDR = "10.10.0.0/16"
STANDING = {
    "a": {"public": "10.10.0.0/20", "private": "10.10.16.0/20"},
    "b": {"public": "10.10.32.0/20", "private": "10.10.48.0/20"},
}


def test_without_anything_that_stands_zones_are_served_by_their_names() -> None:
    assert subnets.divide(CIDR, ("a", "b")) == STANDING
    assert subnets.divide(CIDR, ("b", "a")) == STANDING


def test_what_stands_is_kept_in_the_order_that_an_earlier_version_gave_it() -> None:
    by_position = {"b": STANDING["a"], "a": STANDING["b"]}
    for zones in itertools.permutations(("a", "b")):
        assert subnets.divide(CIDR, zones, by_position) == by_position


@pytest.mark.parametrize("zones", [("a", "b", "0"), ("0", "b", "a"), ("a", "0", "b")])
def test_a_new_zone_takes_the_first_free_ranges(zones: tuple[str, ...]) -> None:
    ranges = subnets.divide(CIDR, zones, STANDING)
    assert ranges == {**STANDING, "0": {"public": "10.10.64.0/20", "private": "10.10.80.0/20"}}


def test_the_last_zone_keeps_its_ranges_when_the_first_goes() -> None:
    assert subnets.divide(CIDR, ("b",), STANDING) == {"b": STANDING["b"]}


def test_a_zone_that_comes_for_another_does_not_take_what_still_stands() -> None:
    ranges = subnets.divide(CIDR, ("b", "c"), STANDING)
    assert ranges["c"] == {"public": "10.10.64.0/20", "private": "10.10.80.0/20"}
    with pytest.raises(subnets.NoRoomError, match=r"10\.10\.0\.0/18 has no free /20 range for zone c"):
        subnets.divide("10.10.0.0/18", ("b", "c"), STANDING)


def test_a_subnet_that_an_update_did_not_come_to_gets_a_free_range() -> None:
    half = {"a": {"public": "10.10.16.0/20"}}
    assert subnets.divide(CIDR, ("a",), half) == {"a": {"public": "10.10.16.0/20", "private": "10.10.0.0/20"}}


def test_ranges_of_another_network_do_not_count() -> None:
    assert subnets.divide("10.99.0.0/16", ("a",), STANDING)["a"] == {
        "public": "10.99.0.0/20",
        "private": "10.99.16.0/20",
    }


@pytest.mark.parametrize(("cidr", "zones"), [("10.0.0.0/16", 8), ("10.0.0.0/18", 2), ("10.0.0.0/19", 1)])
def test_the_room_for_zones_is_known(cidr: str, zones: int) -> None:
    assert subnets.most_zones(cidr) == zones


@pytest.mark.parametrize("cidr", ["10.0.0.0/20", "10.0.0.0/24"])
def test_a_small_range_has_room_for_none(cidr: str) -> None:
    assert subnets.most_zones(cidr) == 0
