"""Views of a finished plan: explain, compare, render, simulate, and the schemas of their output."""
