"""Azure permissions that each action needs, for the check before it."""
