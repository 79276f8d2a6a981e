"""The status of a stack as plain data, for programs."""

from typing import Any

from federation.operations.members.status import MemberStatus, ObjectStatus, Status
from federation.plan.live import managed_fields
from federation.plan.live.drift import FieldDrift
from federation.plan.live.managed_fields import ABSENT
from federation.plan.live.unplanned import Unplanned

__all__ = ["field_trees", "to_tree"]


def to_tree(state: Status) -> dict[str, Any]:
    """The status as plain data."""
    return {
        "asPlanned": state.as_planned,
        "members": [_member_tree(each) for each in state.members],
        "dns": [
            {"name": each.name, "weights": dict(each.weights), "planned": dict(each.planned)} for each in state.dns
        ],
        "uncompared": list(state.uncompared),
    }


def _member_tree(member: MemberStatus) -> dict[str, Any]:
    return {
        "name": member.name,
        "region": member.region,
        "quarantined": member.quarantined,
        "problem": member.problem,
        "nodes": member.nodes,
        "nodesReady": member.nodes_ready,
        "planned": len(member.objects),
        "missing": member.missing,
        "different": member.different,
        "objects": [_object_tree(each) for each in member.objects],
        "notPlanned": [_unplanned_tree(each) for each in member.unplanned],
    }


def _unplanned_tree(each: Unplanned) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "namespace": each.namespace,
        "name": each.name,
        "registered": each.is_registered,
        "beingDeleted": each.is_going,
    }


def _object_tree(each: ObjectStatus) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "namespace": each.namespace,
        "name": each.name,
        "found": each.found,
        "asPlanned": each.as_planned,
        "planned": each.planned,
        "ready": each.ready,
        "replicasOwner": each.replicas_owner,
        "weighs": each.weighs,
        "problem": each.problem,
        "overrides": dict(each.overrides or {}),
        "loadBalancer": each.load_balancer,
        "wantsLoadBalancer": each.wants_load_balancer,
        "fields": field_trees(each.fields),
    }


def field_trees(fields: tuple[FieldDrift, ...]) -> list[dict[str, Any]]:
    """Fields as plain data; a field absent on one side has no ``planned`` or no ``live``."""
    return [
        {"path": managed_fields.text(each.path)}
        | {key: value for key, value in (("planned", each.planned), ("live", each.live)) if value is not ABSENT}
        for each in fields
    ]
