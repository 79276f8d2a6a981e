"""What can an override take from the member it lands in? (``valueFrom: {cluster: ...}``)"""

from federation.api.model.members import Member

__all__ = ["KNOWN_FACTS", "FactMissingError", "fact"]

KNOWN_FACTS = "name, region, zone, provider, labels.<key>, annotations.<key>"


class FactMissingError(LookupError):
    """The member has no such fact; the message says what it has."""


def fact(member: Member, wanted: str) -> str:
    """The value of one fact of ``member``; ``zone`` is the first of its availability zones."""
    kind, _, key = wanted.partition(".")
    match kind:
        case "labels" | "annotations":
            return _from_mapping(member, kind, key)
        case "name" | "region" | "provider" | "zone" if not key:
            return _from_field(member, kind)
    msg = f'"{wanted}" is no fact of a member (allowed: {KNOWN_FACTS})'
    raise FactMissingError(msg)


def _from_mapping(member: Member, kind: str, key: str) -> str:
    held = member.labels if kind == "labels" else member.annotations
    if key in held:
        return held[key]
    msg = f'member {member.name} has no "{key}" among its {kind} (it has: {", ".join(sorted(held)) or "none"})'
    raise FactMissingError(msg)


def _from_field(member: Member, kind: str) -> str:
    zone = member.zones[0] if member.zones else ""
    value = {"name": member.name, "region": member.region, "provider": member.provider, "zone": zone}[kind]
    if value:
        return value
    msg = f"member {member.name} has no {kind}"
    raise FactMissingError(msg)
