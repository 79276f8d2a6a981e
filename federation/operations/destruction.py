"""Summarise from its state what the destruction of a stack takes away, by count and by name.

Pure: the state is the deployment that `pulumi stack export` prints.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from federation.plan.model.trees import mapping, mappings

__all__ = ["DestructionSummary", "joined", "summarise"]

KUBERNETES: Final = "kubernetes:"
STORED: Final = ("PersistentVolumeClaim", "PersistentVolume", "StatefulSet", "CustomResourceDefinition")
"""Kinds whose objects hold data, or take other objects with them."""
_AWS: Final = "aws:"
_FEDERATION: Final = "eks-federation:index:Federation"
_CLUSTER: Final = "aws:eks/cluster:Cluster"
_NETWORK: Final = "aws:ec2/vpc:Vpc"
_ZONE: Final = "aws:route53/zone:Zone"
_RECORD: Final = "aws:route53/record:Record"


@dataclass(frozen=True, slots=True, kw_only=True)
class DestructionSummary:
    """What a destruction takes away: ``objects`` by member, everything else by name.

    ``kept`` objects stay in place; those in a namespace that goes are not among them. ``protected`` resources (URNs)
    stop the destruction. With ``needs_program``, some resources can only be removed while the program runs. ``on_aws``
    is true when resources exist on AWS. ``is_federation`` is true when the state holds a federation at all.
    """

    resources: int
    objects: Mapping[str, int]
    stored: tuple[str, ...]
    namespaces: tuple[str, ...]
    clusters: tuple[str, ...]
    networks: int
    zones: tuple[str, ...]
    records: int
    kept: tuple[str, ...]
    protected: tuple[str, ...]
    needs_program: bool
    on_aws: bool
    is_federation: bool


def summarise(deployment: Mapping[str, Any]) -> DestructionSummary:
    """The toll of destroying what ``deployment`` holds."""
    resources = [each for each in mappings(deployment.get("resources")) if each.get("custom")]
    own = [each for each in resources if not str(each.get("type")).startswith("pulumi:") and not each.get("external")]
    going = [each for each in own if not each.get("retainOnDelete")]
    objects = [each for each in going if str(each["type"]).startswith(KUBERNETES)]
    namespaces = tuple(sorted(_name(each) for each in objects if _kind(each) == "Namespace"))
    retained = sorted(_name(each) for each in own if each.get("retainOnDelete"))
    return DestructionSummary(
        resources=len(going),
        objects=dict(sorted(Counter(_name(each).partition("/")[0] for each in objects).items())),
        stored=tuple(sorted(_name(each) for each in objects if _kind(each) in STORED)),
        namespaces=namespaces,
        clusters=_named(going, _CLUSTER),
        networks=len(_named(going, _NETWORK)),
        zones=_named(going, _ZONE),
        records=len(_named(going, _RECORD)),
        kept=tuple(name for name in retained if _namespace(name) not in namespaces),
        protected=tuple(sorted(str(each["urn"]) for each in own if each.get("protect"))),
        on_aws=any(str(each["type"]).startswith(_AWS) for each in own),
        is_federation=any(each.get("type") == _FEDERATION for each in mappings(deployment.get("resources"))),
        needs_program=any("delete" in hook.lower() for each in own for hook in mapping(each.get("resourceHooks"))),
    )


def joined(deployments: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The resources of several deployments as those of one."""
    return {"resources": [each for some in deployments for each in mappings(some.get("resources"))]}


def _named(some: Sequence[Mapping[str, Any]], type_: str) -> tuple[str, ...]:
    return tuple(sorted(_outside_name(each) for each in some if each["type"] == type_))


def _outside_name(resource: Mapping[str, Any]) -> str:
    """The name of a cluster or a zone; the resource's own name where it has none."""
    name = mapping(resource.get("outputs")).get("name")
    return name if isinstance(name, str) and name else _name(resource)


def _name(resource: Mapping[str, Any]) -> str:
    return str(resource["urn"]).rpartition("::")[2]


def _namespace(name: str) -> str:
    """The resource name of the namespace that holds the object ``name``, "" for none."""
    parts = name.split("/")
    return f"{parts[0]}/Namespace/{parts[1]}" if len(parts) > 3 else ""


def _kind(resource: Mapping[str, Any]) -> str:
    return str(resource["type"]).rpartition(":")[2]
