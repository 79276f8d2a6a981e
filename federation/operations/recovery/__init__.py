"""Repair what a killed run has left: locks, plugins, corrupt states, open operations."""
