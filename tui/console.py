"""The wizard and the console: what the terminal face is given to open."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from tui.cli.globals import Globals
from tui.options import LaunchOptions

if TYPE_CHECKING:
    from screens.book import Book


def open_console(options: Globals) -> int:
    """Open the pages, or the plain prompts; returns the exit code."""
    from tui.app import launch

    return launch(
        LaunchOptions(
            open_book=lambda: _book(options),
            state=options.root,
            practice=options.practice,
            read_only=options.read_only,
            engagement=options.engagement,
            ascii=options.ascii,
            plain=options.plain,
            mouse=options.mouse,
            theme=options.theme,
            lang=options.lang,
        )
    )


def _book(options: Globals) -> Book:
    """The world and its journal; called in a worker, after the first frame."""
    from screens.book import Book
    from services.journal.watch import on_takeover
    from services.scenario.registry import SCENARIOS, TITLES

    world = options.world()
    journal = options.journal(world)
    # The console leaves as if it were told to from outside: what was typed is saved, the terminal restored.
    on_takeover(journal, lambda: os.kill(os.getpid(), signal.SIGTERM))
    return Book(world, journal, SCENARIOS, options.engagement, TITLES)
