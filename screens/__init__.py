"""The pages and their widgets."""
