"""Real Kubernetes control planes on this machine, one for every cluster that exists."""
