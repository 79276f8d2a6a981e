"""Divide replicas over members: preferences, autoscalers, Jobs, and conflicts with overrides."""
