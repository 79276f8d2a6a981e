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

__all__ = ["Verdict", "judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The finding on one open operation; ``is_safe`` is true when the next update may continue."""

    operation: OpenOperation
    text: str
    is_safe: bool = True

    def __str__(self) -> str:
        return f"{self.operation}: {self.text}"


def judge(operation: OpenOperation, plan: Plan | None, known: Collection[str], *, adopts: bool = True) -> Verdict:
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
    return Verdict(operation=operation, text="cannot be looked for; look for it by hand", is_safe=False)


def _in_member(operation: OpenOperation, plan: Plan | None, *, adopts: bool) -> str:
    if plan is None:
        return f"may stand in {operation.member}; whether it is there: {_look(operation, operation.member)}"
    present = Renames.from_config(plan)
    member, logical_name = present.member(operation.member), present.logical_name(operation.name)
    slices = {each.name: each for each in plan.members}
    look = _look(operation, member)
    if member in slices and not slices[member].available:
        then = "found there by its name when it is back" if adopts else "not taken over when it is back"
        return f"may stand in {member}, which is quarantined; {then}"
    if member not in slices:
        return (
            f"may stand in {member}, which is no member any more; if that has a new name: formerNames: [{member}]; "
            f"whether it is there: {look}"
        )
    if any(each.logical_name == logical_name for each in slices[member].objects):
        if adopts:
            return f"may stand in {member} already; it is found there by its name and taken over"
        return (
            f"may stand in {member} already, and adoptResources: Disabled takes nothing over; if the update is refused "
            f"since it exists, see whose it is: {look}; plan: {{adoptResources: Enabled}} takes it over"
        )
    return f"may stand in {member}, and no document has it any more; whether it is there, and whose: {look}"


def _look(operation: OpenOperation, member: str) -> str:
    """The command that shows the object of ``operation`` and its owner."""
    metadata = operation.inputs.get("metadata") or {}
    where = f" -n {metadata['namespace']}" if metadata.get("namespace") else ""
    kind, name = operation.inputs.get("kind", ""), metadata.get("name", "")
    return f"kubectl --context {member}{where} get {kind} {name} --show-labels --show-managed-fields -o yaml"


def _on_aws(operation: OpenOperation, known: Collection[str]) -> Verdict:
    if aws_lookup.is_repeatable(operation):
        return Verdict(operation=operation, text="may stand on AWS already; making it again gives the same one")
    if aws_lookup.is_refused_twice(operation):
        text = "may stand on AWS already; AWS refuses a second one, so if the update says so, remove the first"
        return Verdict(operation=operation, text=text)
    if not aws_lookup.can_find(operation):
        return Verdict(operation=operation, text="cannot be looked for on AWS; look for it by hand", is_safe=False)
    try:
        found = [each for each in aws_lookup.find(operation) if each.identifier not in known]
    except aws_lookup.SearchFailedError as error:
        return Verdict(operation=operation, text=f"AWS does not say whether it is there: {error}", is_safe=False)
    if not found:
        return Verdict(operation=operation, text="is not on AWS; made again")
    return Verdict(operation=operation, text=_standing(operation, found), is_safe=False)


def _standing(operation: OpenOperation, found: Sequence[aws_lookup.FoundThing]) -> str:
    """Name the resources on AWS. Only one that is proven to be this stack's is named with a removal command."""
    ours = [each for each in found if each.is_ours]
    others = [each for each in found if not each.is_ours]
    texts = []
    if ours:
        removals = "; ".join(aws_lookup.removal(operation, each.identifier) for each in ours)
        named = ", ".join(each.identifier for each in ours)
        texts.append(
            f"stands on AWS as {named}, with this stack's tags and unknown to the state; remove it: {removals}"
        )
    if others:
        named = ", ".join(each.identifier for each in others)
        texts.append(
            f"{named} stands on AWS under this name, without the tags of this federation and stack: it may be "
            "another's, so see whose it is before you touch it"
        )
    return "; ".join(texts)
