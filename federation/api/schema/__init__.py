"""JSON Schemas of documents and of a stack's config, and the list of federated kinds."""
