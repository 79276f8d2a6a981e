"""Run real Kubernetes control planes on this machine, one for each cluster."""
