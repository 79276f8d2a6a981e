"""Assign replicas: preferences, autoscalers, Jobs, conflicts with overrides and ownership, as one value by member."""
