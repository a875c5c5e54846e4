"""Errors turned into answers."""
