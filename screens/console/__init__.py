"""The console: pages over one vault."""
