"""Stand in for the `aws` provider: each resource type is a table of properties and a few boto3 calls."""


def main() -> None:
    """Run the plugin until the engine ends it."""
    from sandbox.plugins.aws.servicer import AwsProvider
    from sandbox.plugins.server import serve

    serve(AwsProvider)
