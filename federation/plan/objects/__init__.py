"""Render each document into one object a member: decisions, checks, manifests, retention, dependencies."""
