"""Divide a VPC's range among availability zones: a public and a private /20 range for each.

A range belongs to its zone by name. Existing ranges are kept whatever the order of the zones, and a new zone takes the
first free ranges. The ranges of a zone that is removed are not free yet: AWS makes a new subnet before it deletes the
old one.
"""

import ipaddress
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

__all__ = ["PREFIX", "NoRoomError", "divide", "most_zones"]

PREFIX: Final = 20
KINDS: Final = ("public", "private")

Ranges = Mapping[str, Mapping[str, str]]
"""By zone, its range by kind: ``public`` and ``private``."""


class NoRoomError(ValueError):
    """A VPC's range has no free part for a zone."""


def most_zones(cidr: str) -> int:
    """The number of zones that fit into the range of a VPC."""
    bits = PREFIX - ipaddress.IPv4Network(cidr).prefixlen
    return (1 << bits) // len(KINDS) if bits > 0 else 0


def divide(cidr: str, zones: Collection[str], standing: Ranges | None = None) -> dict[str, dict[str, str]]:
    """By zone, its public and private range in ``cidr``, in the order of ``zones``.

    ``standing`` are the existing ranges; those outside of ``cidr`` belong to another network and are ignored. Raises
    ``NoRoomError`` when no range is left for a zone.
    """
    whole = ipaddress.IPv4Network(cidr)
    kept = {
        (zone, kind): ipaddress.IPv4Network(text)
        for zone, ranges in (standing or {}).items()
        for kind, text in ranges.items()
        if ipaddress.IPv4Network(text).subnet_of(whole)
    }
    free = _free(whole, kept.values())
    ranges_by_key = dict(kept)
    for zone in sorted(zones):
        for kind in KINDS:
            if (zone, kind) not in ranges_by_key:
                candidate = next(free, None)
                if candidate is None:
                    raise NoRoomError(f"{cidr} has no free /{PREFIX} range for zone {zone}")
                ranges_by_key[zone, kind] = candidate
    return {zone: {kind: str(ranges_by_key[zone, kind]) for kind in KINDS} for zone in zones}


def _free(whole: ipaddress.IPv4Network, taken: Iterable[ipaddress.IPv4Network]) -> Iterator[ipaddress.IPv4Network]:
    if whole.prefixlen > PREFIX:
        return iter(())
    used = list(taken)
    return (each for each in whole.subnets(new_prefix=PREFIX) if not any(each.overlaps(other) for other in used))
