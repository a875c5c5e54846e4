"""Driving the pages with Pilot: what is on the screen as text, and waiting for workers without sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input

from screens.page import Page
from screens.step.buttons import Buttons, Push
from screens.step.fields import FieldRow, TextRow
from screens.step.page import StepPage
from tests.screens import small
from tui.options import LaunchOptions
from tui.shell import Shell

SECONDS = 20.0
Driver = Pilot[int]
P = ParamSpec("P")


def driven(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A test that drives the program, as pytest runs it."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


@asynccontextmanager
async def running(
    state: Path, *, size: tuple[int, int] = (80, 24), ascii_only: bool = False
) -> AsyncIterator[Driver]:
    """The program on the small scenario, its welcome page open."""
    small.hand = small.Hand()
    options = LaunchOptions(open_book=lambda: small.book(state / "practice"), state=state, practice=True)
    app = Shell(options, ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        try:
            await until(pilot, lambda: app.desk.book is not None or bool(app.desk.trouble))
            await settled(pilot)
            yield pilot
        finally:
            small.hand.hold.set()
            app.desk.stop()
            if app.desk.book is not None:
                app.desk.book.journal.close()


def shell(pilot: Driver) -> Shell:
    app = pilot.app
    assert isinstance(app, Shell)
    return app


def page(pilot: Driver) -> Page:
    found = shell(pilot).page
    assert found is not None
    return found


def step_page(pilot: Driver) -> StepPage:
    found = page(pilot)
    assert isinstance(found, StepPage)
    return found


async def until(pilot: Driver, holds: object, seconds: float = SECONDS) -> None:
    """Let the program go on until something holds."""
    assert callable(holds)
    end = asyncio.get_running_loop().time() + seconds
    while not holds():
        assert asyncio.get_running_loop().time() < end, screen_text(pilot)
        await pilot.pause(0.01)


async def settled(pilot: Driver) -> None:
    """Wait until no worker is busy and every message has been handled."""
    app = shell(pilot)
    for _round in range(2):
        await until(pilot, lambda: app.keys_idle and app.desk.workers.idle)
        await pilot.pause()


async def press(pilot: Driver, *keys: str) -> None:
    """Press keys, then wait until all is quiet; a field takes what is typed into it as fast as a paste."""
    for key in keys:
        if len(key) == 1 and isinstance(pilot.app.focused, Input):
            assert pilot.app._driver is not None
            pilot.app._driver.send_message(events.Key(_character_to_key(key), key))
            await asyncio.sleep(0)
        else:
            await until(pilot, lambda: shell(pilot).keys_idle)
            await pilot.press(key)
    await settled(pilot)


async def enter_step(pilot: Driver, step_id: str) -> StepPage:
    """Begin the set-up, or go on with it, then open a step of it."""
    if not isinstance(page(pilot), StepPage):
        await press(pilot, "enter")
    here = step_page(pilot)
    if here.step_id != step_id:
        here._go(step_id)
        await pilot.pause()
        await until(pilot, lambda: getattr(shell(pilot).page, "step_id", "") == step_id)
        await settled(pilot)
    return step_page(pilot)


def lines(pilot: Driver) -> list[str]:
    """What the terminal shows, line by line."""
    app = pilot.app
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip)[:width].rstrip() for strip in strips][:height]


def screen_text(pilot: Driver) -> str:
    return "\n".join(lines(pilot))


def told(pilot: Driver) -> str:
    """What the right column of a step's page says, its lines joined."""
    pieces = [line.partition("\u2502")[2] for line in lines(pilot)]
    return " ".join(" ".join(pieces).split())


def help_line(pilot: Driver) -> str:
    """What stands in the help line."""
    return shell(pilot)._help.text


def field(pilot: Driver, key: str) -> FieldRow:
    return pilot.app.query_one(f"#field-{key}", FieldRow)


async def fill(pilot: Driver, key: str, value: str) -> None:
    """Put a value into a text field, as typing would, and leave it."""
    row = field(pilot, key)
    assert isinstance(row, TextRow)
    row.input.focus()
    await pilot.pause()
    row.input.value = value
    pilot.app.screen.focus_next()
    await pilot.pause()
    await settled(pilot)


def button(pilot: Driver, name: str) -> Push:
    return pilot.app.query_one(Buttons).push(name)


def buttons(pilot: Driver) -> list[str]:
    return pilot.app.query_one(Buttons).names


def focused(pilot: Driver) -> Widget:
    found = pilot.app.focused
    assert found is not None
    return found
