"""EKS's API in front of the control planes: moto's, completed."""
