"""Guidance in English, the source language."""
