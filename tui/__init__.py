"""The shell: command line and plain prompts."""
