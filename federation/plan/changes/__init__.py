"""What an update does to objects that stand: which of them are replaced, and which updates the API server refuses."""
