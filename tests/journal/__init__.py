"""Tests of services/journal."""
