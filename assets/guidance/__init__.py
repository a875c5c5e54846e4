"""What each step asks, why, and what comes next; one folder a language."""
