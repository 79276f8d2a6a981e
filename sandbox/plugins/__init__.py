"""Stand in for Pulumi's plugins: processes that the engine starts and talks to over gRPC."""
