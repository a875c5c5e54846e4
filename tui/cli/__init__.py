"""Headless commands: results on stdout, diagnostics on stderr, exit codes."""
