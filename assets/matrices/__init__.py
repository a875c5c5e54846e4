"""Support matrices: which systems may be replicated, by edition of the documentation."""
