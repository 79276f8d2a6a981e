"""Stand in for the `eks` package: make its component resources out of aws resources, as the official one does."""


def main() -> None:
    """Run the plugin until the engine ends it."""
    from sandbox.plugins.eks.provider import EksServicer
    from sandbox.plugins.server import serve

    serve(EksServicer)
