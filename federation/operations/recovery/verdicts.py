"""Judge the possible result of an operation that a killed run left open.

A creation may have succeeded without being in the state. An object of a member is found by its name, a resource on AWS
by its name or its tags. A command that removes something is printed only for a resource that is proven to be this
stack's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from federation.operations.recovery import aws_lookup
from federation.operations.recovery.pending import OpenOperation
from federation.plan.changes.renames import Renames
from federation.plan.model.plan import Plan

__all__ = ["Verdict", "judge_operation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The finding on one open operation; ``is_safe`` is true when the next update may continue."""

    operation: OpenOperation
    text: str
    is_safe: bool = True

    def __str__(self) -> str:
        return f"{self.operation}: {self.text}"


def judge_operation(
    operation: OpenOperation, plan: Plan | None, known: Collection[str], *, adopts: bool = True
) -> Verdict:
    """Judge ``operation``, with a search on AWS where it is needed.

    A stack that cannot be planned has no ``plan``. ``known`` are the ids in the state; ``adopts`` is true when the
    update takes over existing objects in a member.
    """
    if not operation.is_creation:
        return Verdict(operation=operation, text="the next update takes it up again")
    match operation.package:
        case "":
            return Verdict(operation=operation, text="exists in the state only; made again")
        case "kubernetes":
            return Verdict(operation=operation, text=_in_member(operation, plan, adopts=adopts))
        case "aws":
            return _on_aws(operation, known)
    return Verdict(operation=operation, text="cannot be searched for; search for it by hand", is_safe=False)


def _in_member(operation: OpenOperation, plan: Plan | None, *, adopts: bool) -> str:
    if plan is None:
        return f"may exist in {operation.member}; check whether it exists: {_look(operation, operation.member)}"
    present = Renames.from_config(plan)
    member, logical_name = present.member(operation.member), present.logical_name(operation.name)
    slices = {each.name: each for each in plan.members}
    look = _look(operation, member)
    if member in slices and not slices[member].available:
        then = "found there by its name when it is back" if adopts else "not taken over when it is back"
        return f"may exist in {member}, which is quarantined; {then}"
    if member not in slices:
        return (
            f"may exist in {member}, which is no longer a member; if that has a new name: formerNames: [{member}]; "
            f"check whether it exists: {look}"
        )
    if any(each.logical_name == logical_name for each in slices[member].objects):
        if adopts:
            return f"may exist in {member} already; it is found there by its name and taken over"
        return (
            f"may exist in {member} already, and adoptResources: Disabled takes nothing over; if the update is refused "
            f"since it exists, check its owner: {look}; plan: {{adoptResources: Enabled}} takes it over"
        )
    return f"may exist in {member}, and no document contains it; check whether it exists, and its owner: {look}"


def _look(operation: OpenOperation, member: str) -> str:
    """The command that shows the object of ``operation`` and its owner."""
    metadata = operation.inputs.get("metadata") or {}
    where = f" -n {metadata['namespace']}" if metadata.get("namespace") else ""
    kind, name = operation.inputs.get("kind", ""), metadata.get("name", "")
    return f"kubectl --context {member}{where} get {kind} {name} --show-labels --show-managed-fields -o yaml"


def _on_aws(operation: OpenOperation, known: Collection[str]) -> Verdict:
    if aws_lookup.is_repeatable(operation):
        return Verdict(operation=operation, text="may exist on AWS already; making it again gives the same one")
    if aws_lookup.is_refused_twice(operation):
        text = "may exist on AWS already; AWS refuses a second one, so if the update says so, remove the first"
        return Verdict(operation=operation, text=text)
    if not aws_lookup.can_find(operation):
        return Verdict(operation=operation, text="cannot be searched for on AWS; search for it by hand", is_safe=False)
    try:
        found = [each for each in aws_lookup.find_resources(operation) if each.identifier not in known]
    except aws_lookup.SearchFailedError as error:
        return Verdict(operation=operation, text=f"AWS does not answer the search: {error}", is_safe=False)
    if not found:
        return Verdict(operation=operation, text="is not on AWS; made again")
    return Verdict(operation=operation, text=_standing(operation, found), is_safe=False)


def _standing(operation: OpenOperation, found: Sequence[aws_lookup.FoundResource]) -> str:
    """Name the resources on AWS. Only one that is proven to be this stack's is named with a removal command."""
    ours = [each for each in found if each.is_ours]
    others = [each for each in found if not each.is_ours]
    texts = []
    if ours:
        removals = "; ".join(aws_lookup.removal_command(operation, each.identifier) for each in ours)
        named = ", ".join(each.identifier for each in ours)
        texts.append(
            f"exists on AWS as {named}, with this stack's tags and unknown to the state; remove it: {removals}"
        )
    if others:
        named = ", ".join(each.identifier for each in others)
        texts.append(
            f"{named} exists on AWS under this name, without the tags of this federation and stack: it may be "
            "another owner's, so check its owner before you change it"
        )
    return "; ".join(texts)
