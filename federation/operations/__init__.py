"""Operate stacks: what an update needs, what it does, and what it leaves."""
