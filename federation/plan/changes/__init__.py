"""Compare a plan with the state: replacements, losses, renames, quarantine, the guard, the order of moves."""
