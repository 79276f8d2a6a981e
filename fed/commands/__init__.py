"""One module for each command: read the options, call the library, print."""
