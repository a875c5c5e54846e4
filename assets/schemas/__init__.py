"""Schemas of what is printed as JSON."""
