"""Derive an override's operations for one member, carry them out, and trace each value to its line."""
