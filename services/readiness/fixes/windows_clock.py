"""AS-6.6: the clock of a Windows machine set by its time server."""

from __future__ import annotations

from collections.abc import Callable

from services.guests import configuration_server, windows_files
from services.guests.model import Shell
from services.problems.model import Problem, RefusedError
from services.readiness.fixes.model import Context, Fix, Preview, Recipe, UndoRecord
from services.text import _
from services.world.deadline import Deadline

ID = "clock-resync"
SERVER_ID = "cs-clock-resync"
RESYNC = "w32tm /resync"
START = "net start w32time"
SERVER = "time.windows.com"
RIGHT = 5.0
"""Seconds within which there is nothing to do."""


def _previewed(fix: str) -> Callable[[Shell, Deadline, Context], Preview]:
    """The preview of the fix of this id."""
    return lambda shell, deadline, context: _preview(fix, shell, deadline, context)


def _preview(fix: str, shell: Shell, deadline: Deadline, context: Context) -> Preview:
    offset = configuration_server.skew(shell, SERVER, deadline)
    state = windows_files.script(shell, "(Get-Service W32Time).Status", deadline, "W32Time")
    running = any(line.strip() == "Running" for line in state)
    lines = (RESYNC,) if running else (START, RESYNC)
    # The offset moves from look to look, so it is no part of what is shown and agreed to.
    nothing = offset is not None and abs(offset) <= RIGHT
    undo = UndoRecord(
        fix,
        "clock",
        context.machine.name,
        "The clock was set by the machine's time server.",
        commands=lines,
    )
    return Preview(() if nothing else lines, undo)


def _apply(shell: Shell, deadline: Deadline, context: Context, preview: Preview) -> None:
    del context
    for command in preview.lines:
        windows_files.run(shell, command, deadline, "W32Time")


def _undo(shell: Shell, deadline: Deadline, context: Context, record: UndoRecord) -> None:
    del shell, deadline, record
    what = _("a clock that was set right is not set wrong again.")
    raise RefusedError(Problem("no-undo", context.machine.name, what))


def _fix(fix: str, check: str) -> Fix:
    recipe = Recipe("clock", {"start": START, "resync": RESYNC}) if fix == ID else None
    title = "Set the clock by its time server"
    return Fix(fix, check, "Windows", title, _previewed(fix), _apply, _undo, recipe=recipe)


CLOCK = _fix(ID, "clock-skew")
SERVER_CLOCK = _fix(SERVER_ID, "cs-clock")
"""The same for the configuration server, whose clock stops the setup."""
