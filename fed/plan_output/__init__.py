"""Print a plan as tables or as Markdown, with what is against it."""
