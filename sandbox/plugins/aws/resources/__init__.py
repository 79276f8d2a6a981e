"""The resource types, by what they are about; each module ends in a tuple `TYPES`."""
