"""What is shipped, and what it loads."""
