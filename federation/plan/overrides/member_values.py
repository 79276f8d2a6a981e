"""Values of a member that an override can use (``valueFrom: {cluster: ...}``)."""

from federation.api.model.members import Member

__all__ = ["VALUES", "ValueMissingError", "member_value"]

VALUES = "name, region, zone, provider, labels.<key>, annotations.<key>"


class ValueMissingError(LookupError):
    """The member has no such value; the message lists what it has."""


def member_value(member: Member, query: str) -> str:
    """The value of ``member`` that ``query`` names; ``zone`` is the first of its availability zones."""
    kind, _, key = query.partition(".")
    match kind:
        case "labels" | "annotations":
            return _from_mapping(member, kind, key)
        case "name" | "region" | "provider" | "zone" if not key:
            return _from_field(member, kind)
    msg = f'"{query}" is not a member value (allowed: {VALUES})'
    raise ValueMissingError(msg)


def _from_mapping(member: Member, kind: str, key: str) -> str:
    values = member.labels if kind == "labels" else member.annotations
    if key in values:
        return values[key]
    msg = f'member {member.name} has no "{key}" among its {kind} (it has: {", ".join(sorted(values)) or "none"})'
    raise ValueMissingError(msg)


def _from_field(member: Member, kind: str) -> str:
    zone = member.zones[0] if member.zones else ""
    value = {"name": member.name, "region": member.region, "provider": member.provider, "zone": zone}[kind]
    if value:
        return value
    msg = f"member {member.name} has no {kind}"
    raise ValueMissingError(msg)
