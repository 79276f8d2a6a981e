"""The component host that `pulumi package add <checkout>/package` starts."""

from importlib.metadata import version

from pulumi.provider.experimental import component_provider_host

from federation.components.package import Federation

if __name__ == "__main__":
    component_provider_host(components=[Federation], name="eks-federation", version=version("eks-federation"))
