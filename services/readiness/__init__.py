"""What must be true before: checks with evidence."""
