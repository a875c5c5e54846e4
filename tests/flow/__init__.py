"""Whole scenarios through the command line, on the practice world."""
