"""Driving the console's pages over a practice vault."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from screens.book import Book
from services.journal.journal import Journal
from services.journal.model import Actor
from services.scenario.registry import SCENARIOS
from services.world.build import practice_world
from tests.screens.driving import Driver, screen_text, shell, until
from tui.options import LaunchOptions
from tui.shell import Shell


async def settled(pilot: Driver) -> None:
    """Wait until every key was handled and drawn. The watch over the vault never rests."""
    for _round in range(3):
        await until(pilot, lambda: shell(pilot).keys_idle)
        await pilot.pause()


@asynccontextmanager
async def console(
    described: dict[str, Any], state: Path, *, read_only: bool = False
) -> AsyncIterator[Driver]:
    """The program with the console open and the items read."""
    world = practice_world(described, state, read_only=read_only)
    journal = Journal.open(state, world.id, Actor.here(), read_only=read_only)
    options = LaunchOptions(open_book=lambda: Book(world, journal, SCENARIOS), state=state, practice=True)
    app = Shell(options)
    async with app.run_test(size=(80, 24)) as pilot:
        try:
            await until(pilot, lambda: app.desk.book is not None)
            await settled(pilot)
            await until(pilot, lambda: "Console" in screen_text(pilot))
            await pilot.press("down", "down")
            await settled(pilot)
            await pilot.press("enter")
            await until(pilot, lambda: app.desk.console is not None and app.desk.console.seen is not None)
            await settled(pilot)
            yield pilot
        finally:
            app.desk.stop()
            journal.close()
