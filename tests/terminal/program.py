"""The program as the terminal tests start it: the real shell over the small scenario.

Arguments: the state folder, then options: --ascii, --plain, --hang (the first step never answers),
--documented (the documented scenario as practice suggests it, without servers),
--live (the small scenario, but not a practice world).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tui.options import LaunchOptions

if TYPE_CHECKING:
    from screens.book import Book


def main() -> int:
    state = Path(sys.argv[1])
    flags = sys.argv[2:]

    def open_book() -> Book:
        from tests.screens import small

        if "--hang" in flags:
            import threading

            # Deaf to the deadline: what a library does in the middle of a read.
            small.hand.wait = lambda _session: threading.Event().wait(600)  # type: ignore[method-assign,assignment]
        if "--documented" in flags:
            from dataclasses import replace

            from screens.book import Book
            from services.journal.journal import Actor, Journal
            from services.scenario.registry import SCENARIOS

            known = {**small.KNOWN, "route": "rehearse", "support-notice": "2026-09-21"}
            world = replace(small.world(state / "practice"), known=known)
            return Book(world, Journal.open(world.state, world.id, Actor.here()), SCENARIOS)
        book = small.book(state / "practice")
        if "--live" in flags and "--practice" not in flags:
            from dataclasses import replace

            book.world = replace(book.world, kind="live")
        return book

    from tui.app import launch

    return launch(
        LaunchOptions(
            open_book=open_book,
            state=state,
            practice="--live" not in flags or "--practice" in flags,
            ascii="--ascii" in flags,
            plain="--plain" in flags,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
