"""Read and write the terminal for all commands: options, tables, help, completion, files."""
