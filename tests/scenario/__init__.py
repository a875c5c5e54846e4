"""The scenario as data, and the engine."""
