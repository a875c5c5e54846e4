"""The page of a step: rail, fields, checks, plan, progress."""
