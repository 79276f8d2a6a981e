"""Read and check a document's selectors and overrides. The plan checks what depends on the members."""

import re
from typing import Final, Literal

from federation.api.model.federated import ClusterOverride, OverrideOperation, Placement, Requirement, Selector
from federation.api.model.secrets import SecretReference
from federation.api.reading import naming
from federation.api.reading.sealing import Seal, is_secret_path
from federation.api.reading.shapes import OperationShape, OverrideEntry, PlacementShape, SelectorShape
from federation.errors import suggestions
from federation.errors.report import Report
from federation.errors.source import PathKey

__all__ = ["FORBIDDEN", "overrides", "placement", "selector"]

FORBIDDEN: Final = ("/metadata/namespace", "/metadata/name", "/metadata/generateName", "/kind")
MEMBER_VALUES: Final = ("name", "region", "zone", "provider", "labels.<key>", "annotations.<key>")
BAD_ESCAPE = re.compile(r"~(?![01])")


def placement(shape: PlacementShape, report: Report) -> Placement:
    """``spec.placement``; a cluster that is named twice gets a warning."""
    at: PathKey = ("spec", "placement")
    names = None if shape.clusters is None else tuple(entry.name for entry in shape.clusters)
    for index, name in enumerate(names or ()):
        if name in (names or ())[:index] and not report.failed:
            report.warning((*at, "clusters", index, "name"), f"{report.quoted(name)} is named twice", "keep one")
    chosen = selector(shape.cluster_selector, report, (*at, "clusterSelector"))
    return Placement(clusters=names, cluster_selector=chosen)


def selector(shape: SelectorShape | None, report: Report, at: PathKey) -> Selector | None:
    """A label selector; ``None`` stays ``None``."""
    if shape is None:
        return None
    naming.check_labels(shape.match_labels, report, (*at, "matchLabels"))
    requirements = []
    for index, entry in enumerate(shape.match_expressions):
        path = (*at, "matchExpressions", index, "values")
        is_known = not report.blames((*at, "matchExpressions", index, "operator"))
        if is_known and entry.operator in ("In", "NotIn") and not entry.values:
            report.error(path, f"operator {entry.operator} needs values", "list them: values: [a, b]")
        if is_known and entry.operator in ("Exists", "DoesNotExist") and entry.values:
            report.error(path, f"operator {entry.operator} takes no values", "remove them, or use In or NotIn")
        requirements.append(Requirement(key=entry.key, operator=entry.operator, values=tuple(entry.values)))
    return Selector(match_labels=shape.match_labels, match_expressions=tuple(requirements))


def overrides(entries: list[OverrideEntry], report: Report, seal: Seal | None) -> tuple[ClusterOverride, ...]:
    """``spec.overrides``; ``seal`` is given for a Secret."""
    first_index: dict[str, int] = {}
    parsed = []
    for index, entry in enumerate(entries):
        at: PathKey = ("spec", "overrides", index)
        _check_target(entry, report, at)
        if entry.cluster_name is not None:
            if entry.cluster_name in first_index:
                first = report.source.place("spec", "overrides", first_index[entry.cluster_name], "clusterName")
                message = f"{report.quoted(entry.cluster_name)} has overrides already, at {first}"
                report.error((*at, "clusterName"), message, "put all of a member's clusterOverrides into one entry")
            first_index.setdefault(entry.cluster_name, index)
        parsed.append(
            ClusterOverride(
                cluster_name=entry.cluster_name or "",
                cluster_selector=selector(entry.cluster_selector, report, (*at, "clusterSelector")),
                operations=_operations(entry.cluster_overrides, report, (*at, "clusterOverrides"), seal),
                index=index,
            )
        )
    return tuple(parsed)


def _check_target(entry: OverrideEntry, report: Report, at: PathKey) -> None:
    if entry.cluster_name is None and entry.cluster_selector is None:
        remedy = "name one member with clusterName, or choose members with clusterSelector ({}: all)"
        report.error(at, "neither clusterName nor clusterSelector is given", remedy)
    if entry.cluster_name is not None and entry.cluster_selector is not None:
        report.error(at, "clusterName and clusterSelector stand together", "keep one of the two")
    if entry.cluster_name == "*":
        report.error((*at, "clusterName"), '"*" is no member: overrides know no wildcard', "write clusterSelector: {}")


def _operations(
    shapes: list[OperationShape], report: Report, at: PathKey, seal: Seal | None
) -> tuple[OverrideOperation, ...]:
    first_index: dict[str, int] = {}
    parsed = []
    for index, shape in enumerate(shapes):
        path = (*at, index)
        _check_pointer(shape.path, report, (*path, "path"))
        if shape.path in first_index and not report.failed:
            first = report.source.place(*at, first_index[shape.path], "path")
            message = f"{report.quoted(shape.path)} is overridden already, at {first}"
            report.error((*path, "path"), message, "keep one of the two", tolerated=True)
        first_index.setdefault(shape.path, index)
        parsed.append(_operation(shape, report, path, index, seal))
    return tuple(parsed)


def _operation(
    shape: OperationShape, report: Report, path: PathKey, index: int, seal: Seal | None
) -> OverrideOperation:
    op = shape.op or "replace"
    _check_value(shape, op, report, path)
    value = shape.value
    if seal is not None and is_secret_path(shape.path):
        if shape.value_from is not None and shape.value_from.config is not None:
            value = SecretReference(key=shape.value_from.config, encoded=shape.path.startswith("/data"))
            if shape.path in ("/data", "/stringData"):
                remedy = f"override {shape.path}/<key>, or write value: {{<key>: {{valueFrom: {{config: ...}}}}}}"
                report.error((*path, "valueFrom"), "one value of the config cannot stand for all of a Secret's", remedy)
        elif value is not None:
            value = seal.operation(shape.path, value, (*path, "value"))
    elif shape.value_from is not None and shape.value_from.config is not None:
        remedy = "use it at /data/<key> or /stringData/<key> of a FederatedSecret"
        report.error((*path, "valueFrom", "config"), "only a Secret's values come from the stack's config", remedy)
    member_value = shape.value_from.cluster if shape.value_from is not None else None
    return OverrideOperation(op=op, path=shape.path, value=value, value_from=member_value or "", index=index)


def _check_pointer(pointer: str, report: Report, path: PathKey) -> None:
    if not pointer.startswith("/"):
        report.error(path, f"{report.quoted(pointer)} does not start with '/'", "write a path such as /spec/replicas")
    if BAD_ESCAPE.search(pointer):
        remedy = "'~' is written ~0 and '/' inside a name ~1, as in /metadata/labels/example.com~1name"
        report.error(path, f"{report.quoted(pointer)} has a '~' that escapes nothing", remedy)
    if pointer in FORBIDDEN:
        remedy = f"an object is the same one in every member (never overridden: {suggestions.listed(FORBIDDEN)})"
        report.error(path, f"{pointer} cannot be overridden", remedy)


def _check_value(shape: OperationShape, op: Literal["add", "remove", "replace"], report: Report, path: PathKey) -> None:
    has_value = "value" in shape.model_fields_set
    if op == "remove":
        if has_value or shape.value_from is not None:
            report.warning(path, "op remove takes no value; it is not used", "remove it")
        return
    if has_value and shape.value_from is not None:
        report.error(path, "value and valueFrom stand together", "keep one of the two")
    if not has_value and shape.value_from is None:
        report.warning(path, f"op {op} has no value, so the path is set to null", "write value: null if that is meant")
    if shape.value_from is not None:
        _check_member_value(shape, report, (*path, "valueFrom"))


def _check_member_value(shape: OperationShape, report: Report, path: PathKey) -> None:
    source = shape.value_from
    if source is None or (source.cluster is None) == (source.config is None):
        report.error(path, "must name one source", "write valueFrom: {cluster: region}")
        return
    member_value = source.cluster
    if member_value is None or member_value in MEMBER_VALUES[:4]:
        return
    if not member_value.startswith(("labels.", "annotations.")) or member_value.endswith("s."):
        remedy = f"allowed: {suggestions.listed(MEMBER_VALUES)}"
        report.error((*path, "cluster"), f"{report.quoted(member_value)} is no value of a member", remedy)
