"""The documented procedures: every id with its title, source, date and kind."""
