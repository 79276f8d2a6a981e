"""The `eks` package's stand-in: component resources made of aws resources, as the official package makes them."""


def main() -> None:
    """Run the plugin until the engine ends it."""
    from sandbox.plugins.eks.provider import EksServicer
    from sandbox.plugins.server import serve

    serve(EksServicer)
