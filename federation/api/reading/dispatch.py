"""Pass each document to the module that reads its kind, and gather the results."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from federation.api.model.documents import Documents
from federation.api.model.types import Kinds, group_of
from federation.api.reading import crds, federated_kinds, kubefed_kinds
from federation.api.reading.yaml_trees import YamlProblem
from federation.errors import suggestions
from federation.errors.fault import Fault, Severity, blocking, raise_if_errors
from federation.errors.report import Report, Strictness, described
from federation.errors.source import Source

__all__ = ["Unread", "documents_from", "is_hidden"]

Reader: TypeAlias = Callable[[Any, Report], Any]

FEDERATED: Final = "types.kubefed.io/v1beta1"
TYPE_CONFIG: Final = ("core.kubefed.io/v1beta1", "FederatedTypeConfig")
READERS: Final[Mapping[tuple[str, str], tuple[str, Reader]]] = {
    ("scheduling.kubefed.io/v1alpha1", "ReplicaSchedulingPreference"): ("preferences", kubefed_kinds.preference),
    ("multiclusterdns.kubefed.io/v1alpha1", "Domain"): ("domains", kubefed_kinds.domain),
    ("multiclusterdns.kubefed.io/v1alpha1", "ServiceDNSRecord"): ("service_records", kubefed_kinds.service_record),
    ("multiclusterdns.kubefed.io/v1alpha1", "IngressDNSRecord"): ("ingress_records", kubefed_kinds.ingress_record),
    ("core.kubefed.io/v1beta1", "KubeFedCluster"): ("clusters", kubefed_kinds.registered_cluster),
    TYPE_CONFIG: ("type_configs", kubefed_kinds.type_config),
}
BY_CONTROLLERS: Final = frozenset(
    {
        "ClusterPropagatedVersion",
        "DNSEndpoint",
        "FederatedServiceStatus",
        "KubeFedConfig",
        "PropagatedVersion",
    }
)
API_VERSIONS: Final = tuple(sorted({FEDERATED, *(api_version for api_version, _ in READERS)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """One document as a plain tree, with its source and the problems found so far."""

    tree: Any = field(repr=False)  # secrets are not wrapped yet
    source: Source
    problems: tuple[YamlProblem, ...] = ()


@dataclass(slots=True)
class _Collection:
    strictness: Strictness
    defers_errors: bool = False
    suspect: set[Source] = field(default_factory=set)
    lost: bool = False  # whether a document could not be read at all
    by_part: dict[str, list[Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    first_sources: dict[tuple[str, ...], Source] = field(default_factory=dict)

    def read_document(self, document: Unread, kinds: Kinds) -> None:
        """Read one document; keep its faults, and its value if it has one."""
        report = Report(source=document.source, strictness=self.strictness, hidden=is_hidden(document.tree))
        for problem in document.problems:
            report.error(problem.path, problem.message, problem.remedy, line=problem.line)
        if _has_kind(document.tree, report):
            self._dispatch(document.tree, report, kinds)
        else:
            self.lost = True
        self.faults += report.faults

    def _dispatch(self, tree: dict[str, Any], report: Report, kinds: Kinds) -> None:
        api_version, kind = tree["apiVersion"], tree["kind"]
        reader = READERS.get((api_version, kind))
        if reader is not None:
            self._keep(reader[0], kind, reader[1](tree, report), report)
        elif (api_version == FEDERATED and kind.startswith("Federated")) or kinds.configures(api_version, kind):
            self._keep("federated", kind, federated_kinds.federated_object(tree, report, kinds), report)
        elif kind in BY_CONTROLLERS or group_of(api_version) == "status.kubefed.io":
            report.warning(("kind",), f"a {kind} is written by KubeFed's controllers; it is not used", "leave it out")
        elif _is_misplaced(api_version, kind, report):
            self.lost = True
        else:
            self._keep("plain", kind, federated_kinds.plain_object(tree, report), report)

    def _keep(self, part: str, kind: str, value: Any, report: Report) -> None:
        if report.failed:
            self.suspect.add(report.source)
        if value is None or (report.failed and not self.defers_errors):
            self.lost = True
            return
        group = group_of(value.api_version) if part == "plain" else ""
        namespace = "" if part == "domains" else value.namespace
        key = (part, group, kind, namespace, value.name)
        first = self.first_sources.setdefault(key, value.source)
        if first is not value.source:
            name = report.quoted(f"{namespace}/{value.name}" if namespace else value.name)
            message = f"{kind} {name} occurs twice, first at {first.place('metadata', 'name')}"
            report.error(("metadata", "name"), message, "keep one of the two")
        self.by_part.setdefault(part, []).append(value)


def documents_from(
    unread: Iterable[Unread], faults: Iterable[Fault], strictness: Strictness, *, defers_errors: bool = False
) -> Documents:
    """All documents, read. Raises ``FaultsFoundError`` with the earlier ``faults`` and all others.

    With ``defers_errors`` nothing is raised: the errors are in the result, so that planning can add its own.
    """
    documents = list(unread)
    configs = [document for document in documents if _identity(document.tree) == TYPE_CONFIG]
    collection = _Collection(strictness, defers_errors=defers_errors)
    collection.faults += faults
    collection.lost = bool(collection.faults)
    for document in configs:
        collection.read_document(document, Kinds())
    defined = crds.defined(document.tree for document in documents)
    kinds = Kinds.from_configs(collection.by_part.get("type_configs", ()), defined)
    for document in documents:
        if _identity(document.tree) != TYPE_CONFIG:
            collection.read_document(document, kinds)
    all_faults = blocking(collection.faults)
    errors = [fault for fault in all_faults if fault.severity is Severity.ERROR]
    warnings = raise_if_errors([fault for fault in all_faults if not defers_errors or fault not in errors])
    parts = {part: tuple(sorted(values, key=_order)) for part, values in collection.by_part.items()}
    return Documents(
        **parts,
        warnings=warnings,
        errors=tuple(sorted(errors)),
        suspect=frozenset(collection.suspect),
        incomplete=collection.lost,
    )


def _order(value: Any) -> tuple[str, ...]:
    kind = getattr(value, "kind", "") or getattr(getattr(value, "target", None), "kind", "")
    return (value.namespace, value.name, kind)


def _identity(tree: Any) -> tuple[Any, Any]:
    return (tree.get("apiVersion"), tree.get("kind")) if isinstance(tree, dict) else (None, None)


def is_hidden(tree: Any) -> bool:
    """Whether a document may be a Secret's, even with a misspelt kind: no value of it is quoted then."""
    return "secr" in str(_identity(tree)[1]).lower()


def _has_kind(tree: Any, report: Report) -> bool:
    remedy = "a document starts with apiVersion and kind"
    if not isinstance(tree, dict):
        report.error((), f"a document must be a mapping, and this is {described(tree)}", remedy)
        return False
    for key in ("apiVersion", "kind"):
        if tree.get(key) is None:
            report.error((key,) if key in tree else (), f"{key} is missing", remedy)
        elif not isinstance(tree[key], str) or not tree[key]:
            report.error((key,), f"must be text, and is {described(tree[key]) if tree[key] != '' else 'empty'}", remedy)
    return all(isinstance(tree.get(key), str) and tree[key] for key in ("apiVersion", "kind"))


def _is_misplaced(api_version: str, kind: str, report: Report) -> bool:
    """Report a document that looks like one of KubeFed's and is not; return whether it does."""
    homes = {name: home for home, name in READERS}
    federated = kind.startswith("Federated") and kind not in homes
    home = FEDERATED if federated else homes.get(kind, "")
    group = group_of(api_version)
    if not group.endswith(("kubefed.io", "kubefed.k8s.io")) and not home:
        return False
    if home and (group != group_of(home) or api_version != home):
        message = f"{report.quoted(api_version)} has no {kind}"
        report.error(("apiVersion",), message, f"write apiVersion: {home}")
        return True
    remedy = suggestions.remedy(api_version, API_VERSIONS)
    names = [name for version, name in READERS if version == api_version]
    if api_version == FEDERATED:
        report.error(("kind",), f"{report.quoted(kind)} is not a federated kind", f"did you mean Federated{kind}?")
    elif names:
        report.error(("kind",), f"{report.quoted(kind)} is not known", suggestions.remedy(kind, names))
    else:
        report.error(("apiVersion",), f"{report.quoted(api_version)} is not known", remedy)
    return True
