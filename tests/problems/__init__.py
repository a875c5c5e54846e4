"""Tests of services/problems."""
