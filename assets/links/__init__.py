"""Pages to read on, by step."""
