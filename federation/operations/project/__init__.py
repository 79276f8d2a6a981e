"""Read the files of a project: settings, documents, and facts observed earlier."""
