"""The world that everything speaks to: endpoints, trust, dialer and clock, chosen once."""
