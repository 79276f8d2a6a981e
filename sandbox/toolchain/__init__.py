"""The programs that the sandbox runs: found on this machine, or built once and kept outside the checkout."""
