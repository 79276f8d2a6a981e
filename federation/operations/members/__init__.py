"""Read live objects of all members, and compare them with the plan."""
