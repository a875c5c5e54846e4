"""Tests: unit, flow, contract, terminal, bench."""
