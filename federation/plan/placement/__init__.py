"""Select the members of each document, and find documents that select none."""
