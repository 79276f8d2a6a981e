"""Register planned objects, in the order in which members give and take replicas."""
