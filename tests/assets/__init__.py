"""Tests of the data that the product carries."""
