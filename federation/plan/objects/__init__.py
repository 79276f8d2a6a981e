"""Render each document into one object a member: preparation, checks, manifests, retention, dependencies, workloads."""
