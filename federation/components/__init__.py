"""Pulumi components: loops over a plan, and the reading of what a plan needs first."""
