"""Evidence: what was run and what came back, bounded and harmless to show."""

from __future__ import annotations

from services.readiness.model import Evidence
from services.text import lines

LIMIT = 2_000
"""Characters of output that are kept; the rest proves nothing more."""


def seen(command: str, output: str) -> Evidence:
    """Evidence of a command, its output without control characters and cut to the limit."""
    kept = "\n".join(line.rstrip() for line in lines(output, LIMIT) if line.strip())
    return Evidence(command, kept + ("\n..." if len(output) > LIMIT else ""))
