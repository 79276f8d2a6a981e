"""Find the component that the engine requests, and construct it.

Pulumi's own machinery answers `Construct`; the process starts and ends as the other stand-ins do.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.errors import InputPropertyError
from pulumi.provider import ConstructResult, Provider
from pulumi.provider.server import ProviderServicer

from sandbox.plugins.aws.versions import sdk_version
from sandbox.plugins.eks.cluster import Cluster
from sandbox.plugins.eks.node_group import ManagedNodeGroup

_COMPONENTS: Mapping[str, type[Cluster] | type[ManagedNodeGroup]] = {
    "eks:index:Cluster": Cluster,
    "eks:index:ManagedNodeGroup": ManagedNodeGroup,
}


class EksProvider(Provider):
    """The components that the stand-in implements."""

    def __init__(self) -> None:
        version = sdk_version("pulumi_eks")
        super().__init__(version, f'{{"name":"eks","version":"{version}"}}')

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: Mapping[str, Any],
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Make a component and its children.

        Raises `InputPropertyError` for a component that the stand-in does not know.
        """
        component = _COMPONENTS.get(resource_type)
        if component is None:
            known = ", ".join(sorted(_COMPONENTS))
            reason = f"{resource_type} is not known to the sandbox's stand-in for eks; known are: {known}"
            raise InputPropertyError("type", reason)
        made = component(name, inputs, options or pulumi.ResourceOptions())
        return ConstructResult(urn=made.urn, state=made.outputs)

    def call(self, token: str, args: Mapping[str, Any]) -> Any:
        """Refuse: `getKubeconfig` with other options is not implemented."""
        raise InputPropertyError(
            "token", f"the method {token} ({', '.join(args)}) is not known to the stand-in for eks"
        )


class EksServicer(ProviderServicer):
    """Pulumi's servicer, with the settings that a provider resource may have."""

    def __init__(self, engine: str = "") -> None:
        super().__init__(EksProvider(), [], engine_address=engine)
