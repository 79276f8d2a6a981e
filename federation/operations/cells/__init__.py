"""Update the cells of an environment, each by its own run of the engine."""
