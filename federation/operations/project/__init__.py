"""Read the files of a project: settings, documents, and observed facts."""
