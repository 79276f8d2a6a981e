"""Print a plan as tables or as Markdown, with the faults found in it."""
