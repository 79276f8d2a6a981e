"""What a federation has on AWS: networks, EKS clusters, and names on Route53."""
