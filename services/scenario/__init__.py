"""The documented procedures as data, and the engine that walks them."""
