"""Compare a plan with what stands: replacements, losses, renames, quarantine, the guard, the order of moves."""
