"""Fixes of findings: shown first, made with consent, verified, and taken back when asked."""
