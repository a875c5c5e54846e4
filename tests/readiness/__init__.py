"""Tests of readiness: matrix, identification, clock, sweep and the machine steps."""
