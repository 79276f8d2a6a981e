"""Find the programs that the sandbox runs, or build them once and keep them outside the checkout."""
