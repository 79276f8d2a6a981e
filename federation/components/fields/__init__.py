"""Observe field owners in live members, and name the fields that an update takes or removes."""
