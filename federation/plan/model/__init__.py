"""The plan, and the values that all rooms of the planner share."""
