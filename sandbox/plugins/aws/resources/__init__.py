"""The resource types, grouped by subject; each module ends in a tuple `TYPES`."""
