"""Federations and documents for tests: the talk's three members, and documents read from YAML."""

from collections.abc import Mapping
from typing import Any

from federation.api.model.documents import Documents
from federation.api.model.members import FederationSettings, Member
from federation.api.reading.loading import parse
from federation.errors.fault import FaultsFoundError
from federation.plan.model.observed import Observed
from federation.plan.model.plan import AliasTarget, IngressTarget, Plan, RecordSet, ServiceTarget
from federation.plan.planner import plan

THE_TALK: Mapping[str, Mapping[str, Any]] = {
    "ap-northeast": {"region": "ap-northeast-1", "zones": ["ap-northeast-1a"], "labels": {"geo": "ap"}},
    "us-east": {"region": "us-east-1", "zones": ["us-east-1a"], "labels": {"geo": "us"}},
    "us-west": {"region": "us-west-2", "zones": ["us-west-2a"], "labels": {"geo": "us"}},
}


def federation(
    members: Mapping[str, Mapping[str, Any]] | None = None, *, lost: tuple[str, ...] = (), **settings: Any
) -> FederationSettings:
    """A federation called ``atlas`` in the zone ``fed.test``; ``lost`` members are not available."""
    chosen = THE_TALK if members is None else members
    joined = [
        Member.model_validate({"name": name, **({"available": False} if name in lost else {}), **values})
        for name, values in chosen.items()
    ]
    own = {"plan": {"schemaCheck": False, **settings.pop("plan", {})}}  # templates of tests leave out what is no matter
    values = {"name": "atlas", "zone": "fed.test", "dns": {"healthChecks": False}, **settings, **own, "members": joined}
    return FederationSettings.model_validate(values)


def documents(text: str) -> Documents:
    """The documents in ``text``, from a file called ``web.yaml``."""
    return parse(text, "web.yaml")


def planned(text: str, observed: Observed | None = None, **settings: Any) -> Plan:
    """The plan of ``text`` for a federation made from ``settings``."""
    return plan(federation(**settings), documents(text), observed or Observed())


def faults(text: str, **settings: Any) -> list[str]:
    """The lines that a person reads, errors and warnings alike, of loading and of planning."""
    try:
        return [str(warning) for warning in planned(text, **settings).warnings]
    except FaultsFoundError as error:
        return [str(fault) for fault in error.faults]


def line(record: RecordSet) -> str:
    """A record set in one line: ``name [identifier weight] -> target``."""
    target = record.target
    match target:
        case ServiceTarget():
            to = f"{target.member}:{target.service}"
        case IngressTarget():
            to = f"{target.member}:Ingress {target.ingress}"
        case AliasTarget():
            to = target.name
    routing = record.routing
    if routing is None:
        return f"{record.name} -> {to}"
    says = routing.region if routing.weight is None else routing.weight
    return f"{record.name} [{routing.identifier} {says}] -> {to}"


NAMESPACE = """
apiVersion: types.kubefed.io/v1beta1
kind: FederatedNamespace
metadata: {name: demo, namespace: demo}
spec: {placement: {clusterSelector: {}}}
---
"""


def document(kind: str, name: str, spec: str, *, namespace: str = "demo") -> str:
    """One federated document in YAML; ``spec`` in flow style."""
    metadata = f"{{name: {name}, namespace: {namespace}}}"
    return f"apiVersion: types.kubefed.io/v1beta1\nkind: {kind}\nmetadata: {metadata}\nspec: {spec}\n---\n"


def deployment(name: str = "web", *, spec: str = "placement: {clusterSelector: {}}", replicas: int = 2) -> str:
    """A federated Deployment with labels and pod labels ``app: <name>``; ``spec`` goes on after its template."""
    pods = f"{{metadata: {{labels: {{app: {name}}}}}, spec: {{containers: [{{name: web, image: 'nginx:1'}}]}}}}"
    template = f"{{spec: {{replicas: {replicas}, selector: {{matchLabels: {{app: {name}}}}}, template: {pods}}}}}"
    return document("FederatedDeployment", name, f"{{template: {template}, {spec}}}")


def service(name: str = "web", *, spec: str = "placement: {clusterSelector: {}}", body: str = "") -> str:
    """A federated Service of type LoadBalancer for pods ``app: <name>``."""
    body = body or f"type: LoadBalancer, selector: {{app: {name}}}, ports: [{{port: 80}}]"
    return document("FederatedService", name, f"{{template: {{spec: {{{body}}}}}, {spec}}}")


def preference(name: str = "web", *, spec: str, kind: str = "FederatedDeployment") -> str:
    """A ReplicaSchedulingPreference; ``spec`` goes on after its target kind."""
    return (
        "apiVersion: scheduling.kubefed.io/v1alpha1\nkind: ReplicaSchedulingPreference\n"
        f"metadata: {{name: {name}, namespace: demo}}\nspec: {{targetKind: {kind}, {spec}}}\n---\n"
    )


def record(name: str = "web", *, spec: str = "domainRef: atlas") -> str:
    """A ServiceDNSRecord."""
    return (
        "apiVersion: multiclusterdns.kubefed.io/v1alpha1\nkind: ServiceDNSRecord\n"
        f"metadata: {{name: {name}, namespace: demo}}\nspec: {{{spec}}}\n---\n"
    )


def ingress(*backends: str, name: str = "web", spec: str = "placement: {clusterSelector: {}}") -> str:
    """A federated Ingress that leads to the Services ``backends``; ``spec`` goes on after its template."""
    paths = [
        f"{{path: /{each}, pathType: Prefix, backend: {{service: {{name: {each}, port: {{number: 80}}}}}}}}"
        for each in backends
    ]
    template = f"{{spec: {{rules: [{{http: {{paths: [{', '.join(paths)}]}}}}]}}}}"
    return document("FederatedIngress", name, f"{{template: {template}, {spec}}}")


def ingress_record(name: str = "web", *, spec: str = "hosts: [shop.fed.test]") -> str:
    """An IngressDNSRecord."""
    return (
        "apiVersion: multiclusterdns.kubefed.io/v1alpha1\nkind: IngressDNSRecord\n"
        f"metadata: {{name: {name}, namespace: demo}}\nspec: {{{spec}}}\n---\n"
    )


TALK_PREFERENCE = preference(
    spec='totalReplicas: 15, clusters: {"*": {weight: 2, maxReplicas: 12}, '
    "ap-northeast: {weight: 1, minReplicas: 1, maxReplicas: 3}}"
)
TALK = NAMESPACE + deployment() + service() + TALK_PREFERENCE + record()
