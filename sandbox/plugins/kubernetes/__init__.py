"""The stand-in for Pulumi's `kubernetes` provider: any kind of object, on a real API server, applied server-side."""

from sandbox.plugins import protocol


def main() -> None:
    """Serve the provider until the engine ends it."""
    protocol.without_the_sdk()
    # Only now: both import the protocol's messages.
    from sandbox.plugins.kubernetes.servicer import KubernetesProvider
    from sandbox.plugins.server import serve

    serve(KubernetesProvider)
