"""Known errors: what a code means, why it comes and what to do."""
