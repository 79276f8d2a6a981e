"""How stacks live: what an update needs before, does, and leaves behind."""
