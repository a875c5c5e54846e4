"""Commands that more than one page of the console has."""

from __future__ import annotations

from screens.commands import Command

JOBS = Command("jobs", "j", "jobs", "Jobs of the vault")
LOOK = Command("look", "r", "refresh", "Ask Azure again now")
