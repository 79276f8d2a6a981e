"""List the fields of Kubernetes objects that an update cannot change in place, by apiVersion and kind.

There are two lists. A change of a ``REPLACED`` field makes the Kubernetes provider delete the object and create it
again. A change of a ``REFUSED`` field goes to the API server as an update, and the API server refuses it.

``REPLACED`` follows the provider's own list (pulumi-kubernetes v4, pkg/provider/diff.go), for the versions that API
servers from 1.28 on serve. ``REFUSED`` follows the update validation of Kubernetes 1.34, named with each kind. It lists
only changes that are refused in every state of the cluster. Left out on purpose:

* rules that depend on an object's status: growth of a claim's request, ``volumeAttributesClassName`` of claims;
* lists that may grow or shrink: a Pod's ``tolerations`` and ``schedulingGates``, a ServiceCIDR's ``cidrs``;
* specs with defaults deep inside, which look changed once a default is written: ResourceClaim, a Pod's startup probes;
* the spec of a CertificateSigningRequest, whose changes are dropped without an error;
* kinds that a cluster makes for itself: Node, CSINode, VolumeAttachment, IPAddress, ControllerRevision;
* custom resources, whose definitions may have rules of their own.

Checked, with nothing to list: CronJob, ReplicationController, PodTemplate, ServiceAccount, Namespace, Ingress,
NetworkPolicy, HorizontalPodAutoscaler, PodDisruptionBudget (policy/v1), APIService, webhook configurations.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

__all__ = ["FIELDS", "REFUSED", "REPLACED", "Condition", "Effect", "FixedField", "Form", "Key", "Step"]

Key = tuple[str, str]
"""apiVersion and kind."""
Effect = Literal["replace", "refuse"]
Step = Literal["added", "changed", "removed"]
Condition = Literal["", "immutable", "load balancer", "own addresses"]
Form = Literal["whole", "keys", "first", "size", "data source"]

_ALL: Final[frozenset[Step]] = frozenset({"added", "changed", "removed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedField:
    """A field that cannot be changed in place. ``[*]`` in a ``path`` stands for each item of a list.

    ``steps`` are the changes that count. ``default`` is the API's own value: a field that has it counts as absent.
    ``condition`` restricts the rule to objects that meet it before and after: the Service is of type LoadBalancer, or
    it has addresses of its own (neither headless nor an ExternalName). For ``immutable`` only the state after counts.
    ``previews``: a preview of the replacement passes. The provider tries it on the API server under the object's own
    name, and under another one only if the refusal says "field is immutable"; most kinds are refused in other words.
    ``updatable``: the API server would accept the change, and only the provider replaces the object for it.
    ``form`` says what is compared: the ``whole`` value, the ``keys`` of a Secret's data, the ``first`` item, a ``size``
    (only a smaller one counts), or the ``data source`` of a claim, which two fields can hold. ``alike`` are pieces of
    canonical JSON that mean the same as others. ``source`` is the origin of the rule.
    """

    path: str
    effect: Effect
    source: str
    steps: frozenset[Step] = _ALL
    default: Any = None
    condition: Condition = ""
    previews: bool = True
    updatable: bool = False
    form: Form = "whole"
    alike: tuple[tuple[str, str], ...] = ()


_Fields = tuple[FixedField, ...]
_PROVIDER: Final = "pulumi-kubernetes v4, pkg/provider/diff.go"
_BETA_LABELS: Final = (
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ("beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"),
)


def _replaced(*paths: str, condition: Condition = "", previews: bool = True) -> _Fields:
    return tuple(
        FixedField(path=path, effect="replace", source=_PROVIDER, condition=condition, previews=previews)
        for path in paths
    )


def _replaced_needlessly(*paths: str) -> _Fields:
    return tuple(replace(each, updatable=True) for each in _replaced(*paths))


def _replaced_without_preview(*paths: str) -> _Fields:
    return _replaced(*paths, previews=False)


def _within(parent: str, names: str) -> tuple[str, ...]:
    return tuple(f"{parent}.{name}" for name in names.split())


def _refused(path: str, *steps: Step, default: Any = None, **values: Any) -> FixedField:
    chosen = frozenset(steps) or _ALL
    return FixedField(path=path, effect="refuse", source="", steps=chosen, default=default, **values)


_VOLUMES: Final = (
    "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs "
    "hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume"
)
_POD: Final = (
    "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork "
    "hostPID hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName "
    "readinessGates restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName "
    "shareProcessNamespace subdomain terminationGracePeriodSeconds volumes"
)
_CONTAINER: Final = (
    "args command env imagePullPolicy lifecycle livenessProbe ports readinessProbe resources securityContext "
    "stdin stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir"
)
_KEYS_OF_SECRET: Final = replace(_replaced("data", condition="immutable")[0], form="keys")

REPLACED: Final[Mapping[Key, _Fields]] = {
    ("apps/v1", "DaemonSet"): _replaced("spec.selector"),
    ("apps/v1", "Deployment"): _replaced("spec.selector"),
    ("apps/v1", "StatefulSet"): (
        *_replaced_needlessly("spec.revisionHistoryLimit"),
        *_replaced_without_preview(*_within("spec", "podManagementPolicy selector serviceName volumeClaimTemplates")),
    ),
    ("batch/v1", "Job"): (
        *_replaced_needlessly("spec.parallelism"),
        *_replaced(*_within("spec", "completions selector template")),
    ),
    # Our providers let ConfigMaps and Secrets be changed in place, unless they are immutable themselves.
    ("v1", "ConfigMap"): _replaced("binaryData", "data", condition="immutable"),
    ("v1", "Secret"): (*_replaced("type"), _KEYS_OF_SECRET),
    ("v1", "PersistentVolume"): _replaced_without_preview(*_within("spec", _VOLUMES)),
    ("v1", "PersistentVolumeClaim"): _replaced_without_preview(
        *_within("spec", "accessModes selector storageClassName volumeName")
    ),
    ("v1", "Pod"): (
        *_replaced_needlessly("spec.containers[*].image", "spec.initContainers[*].image"),
        *_replaced_without_preview(
            *_within("spec", _POD),
            *_within("spec.containers[*]", _CONTAINER),
            *_within("spec.initContainers[*]", _CONTAINER),
        ),
    ),
    ("v1", "ResourceQuota"): _replaced("spec.scopes"),
    ("v1", "Service"): _replaced_without_preview("spec.clusterIP"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): _replaced_without_preview("roleRef"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): _replaced_without_preview("roleRef"),
    ("storage.k8s.io/v1", "StorageClass"): _replaced_without_preview("parameters", "provisioner"),
}
"""The fields whose change makes the provider replace the object."""

_REFUSED: Final[Mapping[Key, tuple[str, _Fields]]] = {
    ("apps/v1", "ReplicaSet"): ("apps ValidateReplicaSetUpdate", (_refused("spec.selector"),)),
    ("batch/v1", "Job"): (
        "batch ValidateJobSpecUpdate",
        (
            _refused("spec.backoffLimitPerIndex"),
            _refused("spec.completionMode", default="NonIndexed"),
            _refused("spec.managedBy"),
            _refused("spec.podFailurePolicy", alike=(('"status":"True",', ""),)),
            _refused("spec.successPolicy"),
        ),
    ),
    ("v1", "ConfigMap"): ("core ValidateConfigMapUpdate", (_refused("immutable", "removed", default=False),)),
    ("v1", "Secret"): ("core ValidateSecretUpdate", (_refused("immutable", "removed", default=False),)),
    ("v1", "PersistentVolume"): (
        "core ValidatePersistentVolumeUpdate",
        (
            # It may be set once, and its beta labels may change to their successors.
            _refused("spec.nodeAffinity", "changed", "removed", alike=_BETA_LABELS),
            _refused("spec.volumeMode", default="Filesystem"),
        ),
    ),
    ("v1", "PersistentVolumeClaim"): (
        "core ValidatePersistentVolumeClaimUpdate",
        (
            # A data source that is no longer named stays as it is: the API server fills it in from its other field.
            _refused("spec.dataSource", "added", "changed", form="data source"),
            _refused("spec.resources.limits"),
            # The API server allows one case: lowering a raised request before the volume has grown.
            _refused("spec.resources.requests.storage", "changed", form="size"),
            _refused("spec.volumeMode", default="Filesystem"),
        ),
    ),
    ("v1", "Pod"): (
        "core ValidatePodUpdate",
        (
            *(
                _refused(f"spec.{name}")
                for name in ("hostUsers", "os", "setHostnameAsFQDN", "topologySpreadConstraints")
            ),
            *(
                _refused(f"spec.{some}[*].{name}")
                for some in ("containers", "initContainers")
                for name in ("envFrom", "name")
            ),
        ),
    ),
    ("v1", "Service"): (
        "core ValidateServiceUpdate",
        (
            # The API server chooses a value that is not named: only a changed value is known to differ.
            _refused("spec.clusterIPs", "changed", condition="own addresses", form="first"),
            _refused("spec.ipFamilies", "changed", condition="own addresses", form="first"),
            # A controller's webhook may already have set the class, so adding it is not always refused.
            _refused("spec.loadBalancerClass", "changed", "removed", condition="load balancer"),
        ),
    ),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"): (
        # Scope and kind are fixed once the definition is established, which the update that made it has waited for.
        "apiextensions ValidateCustomResourceDefinitionUpdate",
        tuple(_refused(f"spec.{name}") for name in ("group", "names.kind", "names.plural", "scope")),
    ),
    ("discovery.k8s.io/v1", "EndpointSlice"): ("discovery ValidateEndpointSliceUpdate", (_refused("addressType"),)),
    ("networking.k8s.io/v1", "IngressClass"): ("networking ValidateIngressClassUpdate", (_refused("spec.controller"),)),
    ("node.k8s.io/v1", "RuntimeClass"): ("node ValidateRuntimeClassUpdate", (_refused("handler"),)),
    ("scheduling.k8s.io/v1", "PriorityClass"): (
        "scheduling ValidatePriorityClassUpdate",
        (_refused("preemptionPolicy", default="PreemptLowerPriority"), _refused("value")),
    ),
    ("storage.k8s.io/v1", "CSIDriver"): (
        "storage ValidateCSIDriverUpdate",
        (
            _refused("spec.attachRequired", default=True),
            _refused("spec.volumeLifecycleModes", default=["Persistent"]),
        ),
    ),
    ("storage.k8s.io/v1", "StorageClass"): (
        "storage ValidateStorageClassUpdate",
        (_refused("reclaimPolicy", default="Delete"), _refused("volumeBindingMode", default="Immediate")),
    ),
    ("storage.k8s.io/v1", "VolumeAttributesClass"): (
        "storage ValidateVolumeAttributesClassUpdate",
        (_refused("driverName"), _refused("parameters")),
    ),
}

REFUSED: Final[Mapping[Key, _Fields]] = {
    key: tuple(replace(each, source=f"kubernetes v1.34 {source}") for each in fields)
    for key, (source, fields) in _REFUSED.items()
}
"""The fields whose change makes the API server refuse the update."""

FIELDS: Final[Mapping[Key, Mapping[str, FixedField]]] = {
    key: {each.path: each for each in (*REPLACED.get(key, ()), *REFUSED.get(key, ()))}
    for key in sorted({*REPLACED, *REFUSED})
}
"""Both lists, by path."""
