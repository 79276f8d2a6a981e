"""Derive an override's operations for one member once, carry them out, and trace each value to its line."""
