"""Stand-ins for Pulumi's plugins: what the engine starts as processes and talks to over gRPC."""
