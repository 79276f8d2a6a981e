"""Check that each member's API server would accept each object.

Every object is checked, after overrides, against the schema of its type in the member's version of Kubernetes. A custom
object is checked against its definition, where that is among the documents. Each distinct object is checked once for
each version, not for every member. KubeFed sent unknown fields, and API servers dropped or refused them: these are
faults here, and warnings with ``plan.strictness: warn``. What a schema does not describe is not checked: names,
references, quotas, admission, and the rules that definitions write in CEL (``x-kubernetes-validations``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from federation.api.model.members import FederationSettings
from federation.errors.report import secret_depth
from federation.errors.source import PathKey, Source
from federation.plan.model.findings import Findings
from federation.plan.objects.placed_objects import PlacedDocument, PlacedObject
from federation.plan.schema import openapi, schemas, served_types
from federation.plan.schema.crds import DEFINITION, CustomType, custom_types
from federation.plan.schema.schemas import Schema
from federation.plan.schema.violations import Violation, find_violations

__all__ = ["check"]


def check(
    federation: FederationSettings,
    made: Sequence[PlacedDocument],
    propagated: Iterable[PlacedObject],
    findings: Findings,
) -> None:
    """Report what API servers would refuse or drop in ``made`` and in the plain objects ``propagated``."""
    if not federation.plan.schema_check:
        return
    checking = _Checking(
        versions=_versions(federation, findings),
        custom=custom_types(made),
        findings=findings,
    )
    # Definitions first: a fault of a definition is not reported again for its objects.
    for _, placed_objects in sorted(made, key=lambda each: each[0].document.target.kind != DEFINITION):
        checking.check(placed_objects)
    by_source: dict[int, list[PlacedObject]] = {}
    for placed in propagated:
        by_source.setdefault(id(placed.source), []).append(placed)
    for some in by_source.values():
        checking.check(some)


def _versions(federation: FederationSettings, findings: Findings) -> dict[str, str]:
    """The version whose schemas are used for each member, with a warning where it is not the member's own."""
    source = Source(file=f"Pulumi.{federation.stack}.yaml")
    known = openapi.versions()
    found = {}
    for member in federation.members:
        wanted = member.kubernetes_version
        near = found[member.name] = openapi.closest(wanted) or known[-1]
        if not openapi.is_of(wanted, near):
            message = f"the schemas of Kubernetes {wanted} are not at hand: objects are checked by those of {near}"
            path = ("config", "eks-federation:members", member.name, "kubernetesVersion")
            findings.warning(source, path, message, f"at hand: {known[0]} to {known[-1]}")
    return found


@dataclass(slots=True, kw_only=True)
class _Subject:
    """One manifest of a document, in all members of one version that get it."""

    placed: PlacedObject
    version: str
    members: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _LocatedViolation:
    """A violation at its place in the document, with the schema that reports it (``by``) and the members."""

    by: str
    path: PathKey
    violation: Violation
    members: Sequence[str]


@dataclass(slots=True, kw_only=True)
class _Checking:
    versions: Mapping[str, str]
    custom: Mapping[tuple[str, str], CustomType]
    findings: Findings
    _schemas: dict[tuple[int, str, str], Schema] = field(default_factory=dict)
    _faulty: set[int] = field(default_factory=set)

    def check(self, placed_objects: Sequence[PlacedObject]) -> None:
        """Check the objects of one document, each distinct one once for each version."""
        subjects: dict[tuple[int, str], _Subject] = {}
        for placed in placed_objects:
            key = (id(placed.rendered.manifest), self.versions[placed.member])
            subject = subjects.get(key)
            if subject is None:
                subject = subjects[key] = _Subject(placed=placed, version=key[1])
            subject.members.append(placed.member)
        located = [each for subject in subjects.values() for each in self._located(subject)]
        if located:
            _report(placed_objects[0], located, self.findings)

    def _located(self, subject: _Subject) -> Iterator[_LocatedViolation]:
        trail = subject.placed.rendered.trail
        for by, violation, members in self._violations(subject):
            self._faulty.add(id(subject.placed.rendered.manifest))
            path = violation.path
            if trail is not None:
                path = trail.back(path)
            yield _LocatedViolation(by=by, path=path, violation=violation, members=members)

    def _violations(self, subject: _Subject) -> Iterator[tuple[str, Violation, Sequence[str]]]:
        rendered, kind = subject.placed.rendered, subject.placed.kind
        if openapi.is_own_group(rendered.api_version):
            by = f"Kubernetes {subject.version}"
            name = openapi.definition(subject.version, rendered.api_version, kind)
            if not name:
                yield by, served_types.not_served(subject.version, rendered.api_version, kind), subject.members
                return
            found = find_violations(schemas.schema_of(subject.version, name), rendered.manifest)
            yield from ((by, violation, subject.members) for violation in found)
            return
        custom = self.custom.get((rendered.api_version.rpartition("/")[0], kind))
        if custom is not None:
            for violation, members in self._custom_violations(custom, subject):
                yield f"{kind} {rendered.api_version}", violation, members

    def _custom_violations(self, custom: CustomType, subject: _Subject) -> Iterator[tuple[Violation, list[str]]]:
        rendered = subject.placed.rendered
        version = rendered.api_version.rpartition("/")[2]
        by_definition: dict[int, list[str]] = {}
        for member in subject.members:
            by_definition.setdefault(id(custom.by_member.get(member)), []).append(member)
        for at, members in by_definition.items():
            if members[0] not in custom.by_member:
                self._report_undefined(custom, subject.placed, members)
            elif at not in self._faulty and version not in custom.served(members[0]):
                yield served_types.not_defined(custom, members[0], rendered.api_version), members
            elif at not in self._faulty:
                schema = self._custom_schema(custom, members[0], version)
                yield from ((violation, members) for violation in find_violations(schema, rendered.manifest))

    def _custom_schema(self, custom: CustomType, member: str, version: str) -> Schema:
        key = (id(custom.by_member[member]), version, self.versions[member])
        if key not in self._schemas:
            kind = custom.kind(member)
            self._schemas[key] = schemas.schema_of_custom(custom.schema(member, version), kind, key[2])
        return self._schemas[key]

    def _report_undefined(self, custom: CustomType, placed: PlacedObject, members: Sequence[str]) -> None:
        message = (
            f"{placed.kind} {placed.name} goes where its type is not: {DEFINITION} {custom.document.name} "
            f"({custom.document.source.place()}) does not go there"
        )
        remedy = "place the definition there as well, or this object only where the definition goes"
        for member in members:
            self.findings.in_member(member).silence(placed.source, ("spec", "placement"), message, remedy)


def _report(placed: PlacedObject, located: Iterable[_LocatedViolation], findings: Findings) -> None:
    """Report each violation once, for all schemas and members that have it."""
    grouped: dict[tuple[PathKey, str, str, bool], list[_LocatedViolation]] = {}
    for each in located:
        violation = each.violation
        path = each.path[: secret_depth(each.path)] if placed.kind == "Secret" else each.path
        key = (path, violation.message, violation.remedy, violation.dropped)
        grouped.setdefault(key, []).append(each)
    for (path, message, remedy, dropped), some in grouped.items():
        by = ", ".join(sorted({each.by for each in some}))
        for there in (findings.in_member(member) for each in some for member in each.members):
            report = there.silence if dropped else there.error
            report(placed.source, path, f"{message} (by {by})", remedy)
