"""Pulumi components: loops over a plan, and what must be read before there is one."""
