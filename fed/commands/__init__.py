"""One module a command: read the options, call the library, print."""
