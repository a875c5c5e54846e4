"""When a server of a fabric was last heard of, and how long its software is supported."""

from __future__ import annotations

from services.practice.store import Document

CONTACT_SECONDS = 5 * 60.0
YEAR = 365 * 86400.0


def last_contact(fabric: Document, now: float) -> float:
    """When the server was last heard of: regularly, and when it was refreshed."""
    regular = now - (now - fabric["registered"]) % CONTACT_SECONDS
    return max(float(regular), float(fabric["refreshed"] or 0.0))
