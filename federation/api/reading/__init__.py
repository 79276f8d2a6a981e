"""Read files, folders and Python values into documents, and report every fault at its file and line."""
