"""List ordinary edits of every kind of object with the guard's verdicts, and write them to a page.

``python -m tests.plan.changes.loss_table`` writes the page again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import yaml

from federation.api.model.members import FederationSettings
from federation.plan.changes import guard
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from federation.plan.planner import plan
from tests.places import ROOT
from tests.plan.building import documents, federation
from tests.plan.changes.fixed_changes import merged

__all__ = [
    "EDITS",
    "EKS",
    "MEMBERS",
    "PAGE",
    "REGION",
    "ROWS",
    "WHERE",
    "Row",
    "compared",
    "page",
    "refusals",
    "settings",
    "written",
]

PAGE: Final = ROOT / "docs" / "safety.md"
WHERE: Final = "shop"
MEMBERS: Final = ("east", "middle", "west")
"""Members by kubeconfig. One more member is on EKS, the only one with a load balancer that DNS names can lead to."""
EKS: Final = "cloud"
REGION: Final = "ca-central-1"
CLUSTER_SCOPED: Final = frozenset(
    {
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "MutatingWebhookConfiguration",
        "PersistentVolume",
        "PriorityClass",
        "StorageClass",
        "ValidatingWebhookConfiguration",
    }
)
Edit = Literal["removed", "unplaced", "renamed", "retyped", "replaced"]
EDITS: Final[Mapping[Edit, str]] = {
    "removed": "its document is removed",
    "unplaced": "its placement no longer selects a member",
    "renamed": "its document has another name",
    "retyped": "its document is of another kind",
    "replaced": "a field changes that cannot be changed in place",
}
CASES: Final = yaml.safe_load((ROOT / "tests" / "cases" / "safety" / "losses.yaml").read_text())
Tree = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One edit. ``expected`` is "refused", or why it passes. ``settings`` are what the federation's settings change
    to, and ``members`` those that stay; ``documents`` are all that stand after the edit."""

    kind: str
    edit: str
    expected: str
    documents: tuple[Tree, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=lambda: {name: name for name in (*MEMBERS, EKS)})

    @property
    def is_refused(self) -> bool:
        """Whether the guard must refuse the edit."""
        return self.expected == "refused"


def federated(kind: str, name: str, template: Mapping[str, Any], **labels: str) -> Tree:
    """A federated document, placed in members with ``labels``."""
    namespace = {"Namespace": name}.get(kind, WHERE)
    metadata = {"name": name} if kind in CLUSTER_SCOPED else {"name": name, "namespace": namespace}
    selector = {"matchLabels": labels} if labels else {}
    spec = {"template": dict(template), "placement": {"clusterSelector": selector}}
    version = "types.kubefed.io/v1beta1"
    return {"apiVersion": version, "kind": f"Federated{kind}", "metadata": metadata, "spec": spec}


DNS_GROUP: Final = "multiclusterdns.kubefed.io/v1alpha1"
SHOP: Final = federated("Namespace", WHERE, {})
FRONT: Final = federated(
    "Service",
    "front",
    {"spec": {"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80}]}},
    provider="eks",
)
DOMAIN: Final[Tree] = {
    "apiVersion": DNS_GROUP,
    "kind": "Domain",
    "metadata": {"name": "losses", "namespace": "kube-federation-system"},
    "domain": "losses.test",
}
RECORD: Final[Tree] = {
    "apiVersion": DNS_GROUP,
    "kind": "ServiceDNSRecord",
    "metadata": {"name": "front", "namespace": WHERE},
    "spec": {"domainRef": "losses"},
}
KINDS: Final[Mapping[tuple[str, str], Mapping[str, Any]]] = {
    (each["kind"], each["name"]): each for each in CASES["kinds"]
}
BASE: Final[Mapping[tuple[str, str], Tree]] = {
    ("Namespace", WHERE): SHOP,
    ("Service", "front"): FRONT,
    ("Domain", "losses"): DOMAIN,
    ("ServiceDNSRecord", "front"): RECORD,
    **{(kind, name): federated(kind, name, each["template"]) for (kind, name), each in KINDS.items()},
}


def written(changed: Mapping[tuple[str, str], Tree | None] | None = None) -> tuple[Tree, ...]:
    """All documents, those ``changed`` in their later form, or gone where that is None."""
    return tuple(each for each in {**BASE, **(changed or {})}.values() if each is not None)


def _edited(kind: str, name: str, edit: str) -> Tree | None:
    case = KINDS[kind, name]
    template = case["template"]
    match edit:
        case "removed":
            return None
        case "unplaced":
            return federated(kind, name, template, no="such")
        case "renamed":
            return federated(kind, case.get("renamed", f"{name}-2"), template)
        case "retyped":
            return federated("Secret" if kind == "ConfigMap" else "ConfigMap", name, {})
        case _:
            return federated(kind, name, merged(template, case["replaced"]))


def _of_kinds() -> Iterator[Row]:
    for (kind, name), case in KINDS.items():
        for edit, expected in case["edits"].items():
            after = written({(kind, name): _edited(kind, name, edit)})
            why = CASES["reasons"].get(expected, expected)
            yield Row(kind=f"{kind} `{name}`", edit=EDITS[edit], expected=why, documents=after)


def _of_stacks() -> Iterator[Row]:
    record = ("ServiceDNSRecord", "front")
    renamed = {**RECORD, "metadata": {**RECORD["metadata"], "name": "inside"}}
    other = {**DOMAIN, "domain": "other.test"}
    row = Row(kind="all documents", edit="their folder is emptied", expected="refused", documents=())
    yield row
    yield replace(row, kind="DNS name", edit="its ServiceDNSRecord is removed", documents=written({record: None}))
    yield replace(
        row, kind="DNS name", edit="its ServiceDNSRecord has another name", documents=written({record: renamed})
    )
    dns = replace(row, kind="hosted zone", documents=written())
    zone = {"zone": "other.test"}
    yield replace(dns, edit="`zone` changes", settings=zone, documents=written({("Domain", "losses"): other}))
    yield replace(dns, edit="`dns.provider` becomes `none`", settings={"dns": {"provider": "none"}})
    member = replace(row, kind="member", documents=written())
    first, *others = MEMBERS
    staying = {name: name for name in (*others, EKS)}
    yield replace(member, edit="it is left out of the config", members=staying)
    yield replace(member, edit="it has another name", members={"orient": first, **staying})
    yield replace(member, edit="its kubeconfig leads to another cluster", members={first: "elsewhere", **staying})
    yield replace(
        row,
        kind="EKS cluster",
        edit="its member is left out of the config",
        documents=written(),
        members={name: name for name in MEMBERS},
    )
    role = {"roleArn": "arn:aws:iam::123456789012:role/other"}
    yield replace(row, kind="EKS cluster", edit="`roleArn` changes", documents=written(), settings=role)


ROWS: Final = (*_of_kinds(), *_of_stacks())


def refusals(row: Row) -> list[str]:
    """The guard's refusals of an edit, after an update of all documents."""
    return [str(each) for each in guard.refusals(*compared(row))]


def compared(row: Row) -> tuple[FederationSettings, Plan, Observed]:
    """The federation and its plan after an edit, and what an update of all documents has left."""
    first = Row(kind="", edit="", expected="", documents=written())
    made = _planned(first, Observed())
    names = tuple(sorted({each.name for each in made.records if each.routing is None}))
    before = Observed(
        registered={each.name: each.index or () for each in made.members},
        identities_before=dict(first.members),
        identities=dict(row.members),
        roles_before={EKS: ""},
        names_before=names,
        zone_before=made.zone,
    )
    return _federation(row), _planned(row, before), before


def settings(row: Row) -> dict[str, Any]:
    """By member, its settings in the config other than the cluster of a kubeconfig."""
    joined: dict[str, Any] = {name: {} for name in row.members if name != EKS}
    if EKS in row.members:
        joined[EKS] = {"provider": "eks", "region": REGION, "labels": {"provider": "eks"}, "kubernetesVersion": "1.34"}
    return joined


def _federation(row: Row) -> FederationSettings:
    members = {
        name: values or {"provider": "kubeconfig", "context": row.members[name]}
        for name, values in settings(row).items()
    }
    return federation(members, **{"zone": "losses.test", **row.settings})


def _planned(row: Row, observed: Observed) -> Plan:
    written_out = yaml.dump_all(row.documents, Dumper=yaml.CSafeDumper, sort_keys=False)
    return plan(_federation(row), documents(written_out), observed)


INTRODUCTION: Final = """# What an edit may take away

This page is made by a test (`tests/plan/changes/loss_table.py`). Each row is an edit of documents or of a stack's
config, after an update of three members. *Refused* means that `fed plan`, `fed up`, `pulumi up` and a program that uses
`Federation` end before anything is touched, and name the loss and the way to allow it for one update
(`fed up --allow TARGET`). The sandbox tries every refused row (`make losses`).

| what | edit | verdict |
|---|---|---|
"""


def page() -> str:
    """The page, from the expected verdicts."""
    lines = [
        f"| {row.kind} | {row.edit} | {'**refused**' if row.is_refused else f'passes: {row.expected}'} |"
        for row in ROWS
    ]
    return INTRODUCTION + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
