"""Rules of the API server that its published OpenAPI schema leaves out.

The schema does not list the allowed words of some fields, and it calls some fields required that the server fills in or
does without. The rules here hold for every version at hand. A word that only newer versions have is allowed in all.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["ANYTHING", "OPTIONAL", "RECURSIVE", "WORDS"]

_PROTOCOLS: Final = "SCTP TCP UDP"
_UPDATES: Final = "OnDelete RollingUpdate"
_ACCESS: Final = "ReadOnlyMany ReadWriteMany ReadWriteOnce ReadWriteOncePod"
_WEBHOOK: Final = {
    "failurePolicy": "Fail Ignore",
    "matchPolicy": "Equivalent Exact",
    "sideEffects": "None NoneOnDryRun",
}
_CONTAINER: Final = {
    "imagePullPolicy": "Always IfNotPresent Never",
    "terminationMessagePolicy": "FallbackToLogsOnError File",
}
_OPERATORS: Final = "DoesNotExist Exists In NotIn"
_TABLE: Final[Mapping[str, Mapping[str, str]]] = {
    "admissionregistration.v1.MutatingWebhook": {**_WEBHOOK, "reinvocationPolicy": "IfNeeded Never"},
    "admissionregistration.v1.ValidatingWebhook": _WEBHOOK,
    "apps.v1.DaemonSetUpdateStrategy": {"type": _UPDATES},
    "apps.v1.DeploymentStrategy": {"type": "Recreate RollingUpdate"},
    "apps.v1.StatefulSetSpec": {"podManagementPolicy": "OrderedReady Parallel"},
    "apps.v1.StatefulSetUpdateStrategy": {"type": _UPDATES},
    "autoscaling.v2.HPAScalingPolicy": {"type": "Percent Pods"},
    "autoscaling.v2.HPAScalingRules": {"selectPolicy": "Disabled Max Min"},
    "autoscaling.v2.MetricSpec": {"type": "ContainerResource External Object Pods Resource"},
    "autoscaling.v2.MetricTarget": {"type": "AverageValue Utilization Value"},
    "batch.v1.CronJobSpec": {"concurrencyPolicy": "Allow Forbid Replace"},
    "batch.v1.JobSpec": {"completionMode": "Indexed NonIndexed", "podReplacementPolicy": "Failed TerminatingOrFailed"},
    "batch.v1.PodFailurePolicyRule": {"action": "Count FailIndex FailJob Ignore"},
    "core.v1.Container": _CONTAINER,
    "core.v1.ContainerPort": {"protocol": _PROTOCOLS},
    "core.v1.EndpointPort": {"protocol": _PROTOCOLS},
    "core.v1.EphemeralContainer": _CONTAINER,
    "core.v1.HTTPGetAction": {"scheme": "HTTP HTTPS"},
    "core.v1.NodeSelectorRequirement": {"operator": f"{_OPERATORS} Gt Lt"},
    "core.v1.PersistentVolumeClaimSpec": {"volumeMode": "Block Filesystem", "accessModes[]": _ACCESS},
    "core.v1.PersistentVolumeSpec": {
        "accessModes[]": _ACCESS,
        "persistentVolumeReclaimPolicy": "Delete Recycle Retain",
        "volumeMode": "Block Filesystem",
    },
    "core.v1.PodSpec": {
        "dnsPolicy": "ClusterFirst ClusterFirstWithHostNet Default None",
        "preemptionPolicy": "Never PreemptLowerPriority",
        "restartPolicy": "Always Never OnFailure",
    },
    "core.v1.SeccompProfile": {"type": "Localhost RuntimeDefault Unconfined"},
    "core.v1.ServicePort": {"protocol": _PROTOCOLS},
    "core.v1.ServiceSpec": {
        "externalTrafficPolicy": "Cluster Local",
        "internalTrafficPolicy": "Cluster Local",
        "ipFamilies[]": "IPv4 IPv6",
        "ipFamilyPolicy": "PreferDualStack RequireDualStack SingleStack",
        "sessionAffinity": "ClientIP None",
        "type": "ClusterIP ExternalName LoadBalancer NodePort",
    },
    "core.v1.Toleration": {"effect": "NoExecute NoSchedule PreferNoSchedule", "operator": "Equal Exists Gt Lt"},
    "core.v1.TopologySpreadConstraint": {"whenUnsatisfiable": "DoNotSchedule ScheduleAnyway"},
    "discovery.v1.EndpointSlice": {"addressType": "FQDN IPv4 IPv6"},
    "networking.v1.HTTPIngressPath": {"pathType": "Exact ImplementationSpecific Prefix"},
    "networking.v1.NetworkPolicyPort": {"protocol": _PROTOCOLS},
    "networking.v1.NetworkPolicySpec": {"policyTypes[]": "Egress Ingress"},
    "rbac.v1.Subject": {"kind": "Group ServiceAccount User"},
    "scheduling.v1.PriorityClass": {"preemptionPolicy": "Never PreemptLowerPriority"},
    "storage.v1.StorageClass": {
        "reclaimPolicy": "Delete Retain",
        "volumeBindingMode": "Immediate WaitForFirstConsumer",
    },
}
_OTHERS: Final[Mapping[str, Mapping[str, str]]] = {
    "apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion": {"strategy": "None Webhook"},
    "apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec": {"scope": "Cluster Namespaced"},
    "apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps": {
        "type": "array boolean integer number object string"
    },
    "apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement": {"operator": _OPERATORS},
}


def _words() -> dict[str, Mapping[str, tuple[str, ...]]]:
    whole = {**{f"api.{name}": fields for name, fields in _TABLE.items()}, **_OTHERS}
    return {
        f"io.k8s.{name}": {field: tuple(words.split()) for field, words in fields.items()}
        for name, fields in whole.items()
    }


WORDS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(_words())
"""By definition and field, the only words allowed; ``field[]`` for a list's items. An empty text is the default."""

OPTIONAL: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "io.k8s.api.apps.v1.StatefulSetSpec": frozenset({"serviceName"}),
        "io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern": frozenset({"status"}),
        "io.k8s.api.batch.v1.PodFailurePolicyRule": frozenset({"onPodConditions"}),
        "io.k8s.api.core.v1.HTTPHeader": frozenset({"value"}),
        "io.k8s.api.core.v1.ISCSIPersistentVolumeSource": frozenset({"lun"}),
        "io.k8s.api.core.v1.ISCSIVolumeSource": frozenset({"lun"}),
        "io.k8s.api.core.v1.LimitRangeSpec": frozenset({"limits"}),
        "io.k8s.api.core.v1.Sysctl": frozenset({"value"}),
        "io.k8s.api.discovery.v1.EndpointSlice": frozenset({"endpoints"}),
        "io.k8s.api.networking.v1.NetworkPolicySpec": frozenset({"podSelector"}),
        "io.k8s.api.rbac.v1.ClusterRole": frozenset({"rules"}),
        "io.k8s.api.rbac.v1.Role": frozenset({"rules"}),
        "io.k8s.api.rbac.v1.RoleRef": frozenset({"apiGroup"}),
        "io.k8s.api.scheduling.v1.PriorityClass": frozenset({"value"}),
        "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion": frozenset(
            {"served", "storage"}
        ),
    }
)
"""By definition, the fields that the schema requires, but that the API server fills in or takes as empty."""

_EXTENSIONS: Final = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
RECURSIVE: Final[Mapping[str, str]] = MappingProxyType(
    {
        f"{_EXTENSIONS}JSONSchemaPropsOrArray": f"{_EXTENSIONS}JSONSchemaProps",
        f"{_EXTENSIONS}JSONSchemaPropsOrBool": f"{_EXTENSIONS}JSONSchemaProps",
    }
)
"""Definitions without any content in the schema, and the definition that describes the content of each."""

ANYTHING: Final = frozenset({f"{_EXTENSIONS}JSON", f"{_EXTENSIONS}JSONSchemaPropsOrStringArray"})
"""Definitions that any value fits."""
