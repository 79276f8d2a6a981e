"""Read the files of a project: settings, documents, and the observed state."""
