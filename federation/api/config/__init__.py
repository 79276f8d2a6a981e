"""Read one stack's config into the members and settings of a federation."""
