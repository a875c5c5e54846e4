"""A name that is not known, against those that are: which one was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from services.text import _, plain

NEAR = 0.6
"""How alike two names are before one is offered for the other, 1 being the same."""
FEW = 20


def as_written(name: str, known: Iterable[str]) -> str:
    """The name as it is written there, where only its letters' case differs."""
    return {one.lower(): one for one in known}.get(name.lower(), name)


def nearest(name: str, known: Sequence[str]) -> str:
    """`Did you mean ...?` with the most alike name; empty where none is alike."""
    near = difflib.get_close_matches(name.lower(), [one.lower() for one in known], n=1, cutoff=NEAR)
    return _("Did you mean '{name}'?").format(name=plain(as_written(near[0], known))) if near else ""


def meant(name: str, known: Sequence[str]) -> str:
    """The nearest name, and all of them where they are few or none is near."""
    near = nearest(name, known)
    if near and len(known) > FEW:
        return near
    every = _("Known: {names}.").format(names=plain(", ".join(known), 4000) or _("none"))
    return f"{near} {every}".strip()
