"""Reach a member's cluster: its kubeconfig, its API client, its identity."""
