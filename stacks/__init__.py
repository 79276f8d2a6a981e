"""What is deployed here: the program of every stack, and its workloads."""
