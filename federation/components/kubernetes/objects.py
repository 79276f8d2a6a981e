"""One Kubernetes object of any kind, registered as it is planned.

The SDK's typed classes rename and re-check what the plan has computed already, at several milliseconds an object.
``apiextensions.CustomResource`` takes only ``spec`` and ``metadata``. So every kind is registered in one way: with the
type token of the official provider, and the manifest itself as the inputs.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Protocol, cast, runtime_checkable

import pulumi

from federation.api.model.federated import Tree
from federation.api.model.secrets import SecretLiteral, SecretReference
from federation.components.kubernetes.former_names import aliases
from federation.components.kubernetes.stack_traces import no_stack_traces
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import PlannedObject

__all__ = ["ConfigSecrets", "KnownSecrets", "KubernetesObject", "Secrets", "register", "register_unchanged"]

SDK_VERSION = version("pulumi-kubernetes")
SECRET_FIELDS = ("data", "stringData")


class Secrets(Protocol):
    """Where the values of secret references come from. One that also has ``has`` is checked for missing keys before
    anything is registered (see ``KnownSecrets``)."""

    def require(self, key: str) -> pulumi.Output[str]:
        """The value under ``key``, as a Pulumi secret."""


@runtime_checkable
class KnownSecrets(Secrets, Protocol):
    """Secrets that can tell which keys they have."""

    def has(self, key: str) -> bool:
        """Whether there is a value under ``key``."""


@dataclass(frozen=True, slots=True)
class ConfigSecrets:
    """The stack's own config: ``pulumi config set --secret <key>``."""

    config: pulumi.Config

    def has(self, key: str) -> bool:
        """Whether the stack has a value under ``key``."""
        return self.config.get(key) is not None

    def require(self, key: str) -> pulumi.Output[str]:
        """The value under ``key``; ``pulumi.ConfigMissingError`` when the stack has none."""
        return self.config.require_secret(key)


class KubernetesObject(pulumi.CustomResource):
    """A resource with the official provider's token whose inputs are a manifest."""

    def __init__(
        self, token: str, name: str, manifest: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        # Outputs exist only for properties among the inputs, so status is named there.
        with no_stack_traces():
            super().__init__(token, name, {**manifest, "status": None}, opts)

    @property
    def status(self) -> pulumi.Output[Mapping[str, Any] | None]:
        """The object's status, as the member reported it after the last operation."""
        return cast("pulumi.Output[Mapping[str, Any] | None]", self.__dict__["status"])

    async def succeeded(self) -> bool:
        """Whether its operation in this update succeeded. Where updates continue after an error, the engine leaves the
        outputs of a failed resource unknown. A skipped resource has outputs, of a dry run, and no ID."""
        return await self.id.is_known() and await self.status.is_known()


def register(
    planned: PlannedObject,
    secrets: Secrets,
    opts: pulumi.ResourceOptions,
    release: pulumi.ResourceHook | None = None,
    former_names: Sequence[str] = (),
) -> KubernetesObject:
    """Register ``planned`` with Pulumi: its manifest with secrets resolved, on the provider that ``opts`` names.

    ``release`` is the hook for orphans, ``former_names`` are those of its member.
    """
    manifest = resolved(planned.manifest, secrets)
    own = pulumi.ResourceOptions(
        version=SDK_VERSION,
        aliases=aliases(planned.logical_name, former_names, planned.former_tokens),
        # The name is explicit, so the old object has to go before the new one can take it.
        delete_before_replace=True,
        ignore_changes=list(planned.ignore_changes) or None,
        **_retained(release, orphan=planned.orphan),
    )
    if planned.kind == "Secret" and planned.api_version == "v1":
        manifest = {
            key: pulumi.Output.secret(value) if key in SECRET_FIELDS else value for key, value in manifest.items()
        }
        own.additional_secret_outputs = list(SECRET_FIELDS)
    return KubernetesObject(planned.token, planned.logical_name, manifest, pulumi.ResourceOptions.merge(opts, own))


def register_unchanged(
    entry: IndexEntry,
    opts: pulumi.ResourceOptions,
    release: pulumi.ResourceHook | None = None,
    former_names: Sequence[str] = (),
) -> KubernetesObject:
    """Register an object of a quarantined member again, so that nothing in it changes: the state's inputs stay as they
    are."""
    metadata = {"name": entry.name, **({"namespace": entry.namespace} if entry.namespace else {})}
    own = pulumi.ResourceOptions(
        version=SDK_VERSION,
        aliases=aliases(entry.logical_name, former_names),
        delete_before_replace=True,
        ignore_changes=["*"],
        **_retained(release, orphan=entry.orphan),
    )
    if entry.token == "kubernetes:core/v1:Secret":  # noqa: S105 -- a type's name
        own.additional_secret_outputs = list(SECRET_FIELDS)
    manifest = {"apiVersion": entry.api_version, "kind": entry.kind, "metadata": metadata}
    return KubernetesObject(entry.token, entry.logical_name, manifest, pulumi.ResourceOptions.merge(opts, own))


def _retained(release: pulumi.ResourceHook | None, *, orphan: bool) -> dict[str, Any]:
    """The options of an orphan: the engine leaves it in place, once its managed label is taken.

    An engine without hooks leaves it in place too, with its label.
    """
    if not orphan:
        return {}
    hooks = pulumi.ResourceHookBinding(before_delete=[release]) if release else None
    return {"retain_on_delete": True, "hooks": hooks}


def resolved(tree: Tree, secrets: Secrets) -> dict[str, Any]:
    """The manifest in plain dicts and lists, each secret leaf in the form that Pulumi encrypts."""
    return {key: _value(value, secrets.require) for key, value in tree.items()}


def _value(value: Any, require: Callable[[str], pulumi.Output[str]]) -> Any:
    match value:
        case Mapping():
            return {key: _value(item, require) for key, item in value.items()}
        case list() | tuple():
            return [_value(item, require) for item in value]
        case SecretLiteral():
            return pulumi.Output.secret(value.reveal())
        case SecretReference(key=key, encoded=True):
            return require(key).apply(lambda text: base64.b64encode(text.encode()).decode())
        case SecretReference(key=key):
            return require(key)
        case _:
            return value
