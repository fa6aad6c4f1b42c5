"""The path-similarity sanity check, its controls, and its figures."""
