"""What can be wrong: faults with place and remedy, and reports that collect them."""
