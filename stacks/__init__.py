"""The stacks of this project: their program and their workloads."""
