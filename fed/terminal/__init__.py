"""How commands speak: options, tables, help, completion, files."""
