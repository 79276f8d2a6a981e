"""Check objects against the schema of the Kubernetes version that their member runs."""
