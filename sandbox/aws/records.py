"""Check a batch of record changes against Route53's rules, and apply it to a zone.

The changes are applied one after the other to a copy of the zone, each judged against the copy as it then is. The copy
replaces the zone only if nothing was refused. Route53 works in this way: it refuses a CNAME that is created before the
A of its name is deleted in the same batch, and accepts the reverse order. Pure: a function passed in tells whether a
load balancer exists. Messages are Route53's own where known.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sandbox.aws.recordset import Alias, Change, RecordSet, escaped

TargetAnswer = Literal["found", "missing", "outside"]
AliasLookup = Callable[[Alias, str], TargetAnswer]
"""Given an alias out of the zone and its type: does its target exist; `outside`: its name is not of that zone."""


class RefusedBatchError(Exception):
    """A batch that Route53 answers with InvalidChangeBatch; nothing of it is applied."""

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__(f"[{', '.join(messages)}]")
        self.messages = tuple(messages)


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone's id (bare), its name (with the dot) and its record sets."""

    ident: str
    name: str
    records: tuple[RecordSet, ...]


def apply(zone: Zone, changes: Iterable[Change], lookup: AliasLookup) -> tuple[RecordSet, ...]:
    """Return the zone's record sets after a batch, sorted as Route53 lists them.

    Raises:
        RefusedBatchError: with one message for every change that is refused.
    """
    standing = {record.key: record for record in zone.records}
    faults: list[str] = []
    for change in changes:
        fault = _fault(zone, standing, change, lookup)
        if fault:
            faults.append(fault)
        elif change.action == "DELETE":
            del standing[change.record.key]
        else:
            standing[change.record.key] = change.record
    if faults:
        raise RefusedBatchError(faults)
    return tuple(sorted(standing.values(), key=lambda record: record.order))


def _fault(zone: Zone, standing: dict[tuple[str, str, str], RecordSet], change: Change, lookup: AliasLookup) -> str:
    """Return why a change is refused; empty if it is not."""
    record, existing = change.record, standing.get(change.record.key)
    if change.action == "DELETE":
        return _fault_of_delete(zone, record, existing)
    if change.action == "CREATE" and existing is not None:
        return f"Tried to create resource record set {record.label} but it already exists"
    others = [other for other in standing.values() if other.name == record.name and other.key != record.key]
    return (
        _fault_of_name(zone, record)
        or _fault_of_cname(zone, record, others)
        or _fault_of_policy(record, [other for other in others if other.type == record.type])
        or (_fault_of_alias(zone, standing.values(), record, record.alias, lookup) if record.alias else "")
    )


def _fault_of_delete(zone: Zone, record: RecordSet, existing: RecordSet | None) -> str:
    if existing is None:
        return f"Tried to delete resource record set {record.label} but it was not found"
    if existing != record:
        what = f"Tried to delete resource record set {record.label}"
        return f"{what} but the values provided do not match the current values"
    if record.name == zone.name and record.type == "SOA":
        return "A HostedZone must contain exactly one SOA record."
    if record.name == zone.name and record.type == "NS":
        return "A HostedZone must contain at least one NS record for the zone itself."
    return ""


def _fault_of_name(zone: Zone, record: RecordSet) -> str:
    if record.name != zone.name and not record.name.endswith(f".{zone.name}"):
        return f"RRSet with DNS name {record.name} is not permitted in zone {zone.name}"
    return ""


def _fault_of_cname(zone: Zone, record: RecordSet, others: Sequence[RecordSet]) -> str:
    if record.type == "CNAME":
        if record.name == zone.name:
            return f"RRSet of type CNAME with DNS name {record.name} is not permitted at apex in zone {zone.name}"
        if any(other.type != "CNAME" for other in others):
            return (
                f"RRSet of type CNAME with DNS name {record.name} is not permitted as it conflicts with other records "
                f"with the same DNS name in zone {zone.name}"
            )
    elif any(other.type == "CNAME" for other in others):
        return (
            f"RRSet of type {record.type} with DNS name {record.name} is not permitted because a conflicting RRSet of "
            f"type CNAME with the same DNS name already exists in zone {zone.name}"
        )
    return ""


def _fault_of_policy(record: RecordSet, others: Sequence[RecordSet]) -> str:
    """Judge a record set beside those of the same name and type."""
    if not others:
        return ""
    if record.policy == "simple":
        return (
            f"RRSet with DNS name {record.name}, type {record.type} cannot be created as other RRSets exist with the "
            f"same name and type."
        )
    what = f"RRSet with DNS name {record.name}, type {record.type}, SetIdentifier {record.set_identifier}"
    if any(other.policy != record.policy for other in others):
        if record.policy == "multivalue":
            return f"{what} cannot be created because a non multivalue answer rrset exists with the same name and type."
        return f"{what} cannot be created as a non-{record.policy} set exists with the same name and type."
    if record.policy == "weighted" and any(_ttl_differs(record, other) for other in others):
        return f"{what} cannot be created as weighted sets must contain the same TTL."
    if record.policy == "latency" and any(other.region == record.region for other in others):
        return (
            f"{what}, and Region Name={record.region} cannot be created because a latency RRSet with the same name, "
            f"type and region already exists."
        )
    if record.policy == "failover" and any(other.failover == record.failover for other in others):
        return f"{what} cannot be created as a failover {record.failover} RRSet with the same name and type exists."
    if record.policy == "geolocation" and any(other.geo == record.geo for other in others):
        return f"{what} cannot be created as a geolocation RRSet with the same name, type and location exists."
    return ""


def _ttl_differs(record: RecordSet, other: RecordSet) -> bool:
    return record.ttl is not None and other.ttl is not None and record.ttl != other.ttl


def _fault_of_alias(
    zone: Zone, standing: Iterable[RecordSet], record: RecordSet, alias: Alias, lookup: AliasLookup
) -> str:
    what = f"Tried to create an alias that targets {alias.dns_name}, type {record.type} in zone {alias.zone_id}"
    target = escaped(alias.dns_name)
    if alias.zone_id != zone.ident:
        target_state = lookup(alias, record.type)
    elif target != zone.name and not target.endswith(f".{zone.name}"):
        target_state = "outside"
    else:
        exists = any(
            other.name == target and other.type == record.type and other.key != record.key for other in standing
        )
        target_state = "found" if exists else "missing"
    match target_state:
        case "outside":
            return f"{what}, but the alias target name does not lie within the target zone"
        case "missing":
            return f"{what}, but that target was not found"
        case "found":
            return ""
