"""Cut a plan into the parts of an environment's cells."""
