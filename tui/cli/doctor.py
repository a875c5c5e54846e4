"""`lifeboat doctor`: what this host gives the program, and where each value came from."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import click

from services import host
from services.journal.lock import holder_of
from services.journal.model import Holder
from services.problems.model import ProblemError
from services.text import _, plain
from services.world.deadline import Deadline
from services.world.model import World
from tui.cli.globals import Globals, json_line

PACKAGES = (
    "textual",
    "azure-identity",
    "azure-mgmt-recoveryservicessiterecovery",
    "azure-mgmt-recoveryservices",
    "paramiko",
    "pywinrm",
)
TERMINAL = ("TERM", "COLORTERM", "NO_COLOR", "LANG", "LC_ALL", "SSH_CONNECTION", "TMUX", "ACCESSIBLE")
SECONDS = 20.0
LITTLE, NONE_LEFT = 50 * 1024 * 1024, 1024 * 1024
"""Bytes free on the disk of the state folder: below the first it is warned, below the second nothing is kept."""

Row = dict[str, str]


def doctor(options: Globals, *, as_json: bool) -> int:
    """Print the table; exit 1 when something in it will not do."""
    shown: list[Row] = []
    for row in rows(options):
        shown.append(row)
        if not as_json:
            click.echo(plain(f"{row['state']:<8} {row['name']:<28} {row['value']}  [{row['origin']}]"))
    if as_json:
        json_line({"doctor": shown})
    return 1 if any(row["state"] == "failed" for row in shown) else 0


def _row(name: str, value: object, origin: str, state: str = "ok") -> Row:
    return {"name": name, "value": str(value), "origin": origin, "state": state}


def rows(options: Globals) -> Iterator[Row]:
    """The table, as it is found out: name, value, origin, and state `ok`, `warning` or `failed`."""
    yield _row("lifeboat", importlib.metadata.version("lifeboat"), "package")
    yield _row("python", platform.python_version(), sys.executable)
    yield _row("sqlite", sqlite3.sqlite_version, "python")
    for name in PACKAGES:
        yield _row(name, importlib.metadata.version(name), "package")
    yield from _terminal(os.environ)
    yield from _settings(options)
    yield from _state(options)


def _terminal(environment: Mapping[str, str]) -> Iterator[Row]:
    size = shutil.get_terminal_size()
    small = size.columns < 80 or size.lines < 24
    yield _row("terminal size", f"{size.columns}x{size.lines}", "terminal", "warning" if small else "ok")
    yield _row("encoding", sys.stdout.encoding, "terminal")
    for name in TERMINAL:
        if name in environment:
            yield _row(name, environment[name], f"environment {name}")
    over_ssh = "SSH_CONNECTION" in environment and "TMUX" not in environment
    if over_ssh:
        yield _row("hint", _("run in tmux, so that a lost link costs nothing; 'reset' mends a terminal"), "-")


def _settings(options: Globals) -> Iterator[Row]:
    from services.world.settings import load

    try:
        for row in load(os.environ, options.config).rows:
            yield _row(row.name, row.value, row.origin)
    except ProblemError as error:
        for problem in error.problems:
            yield _row("settings", problem.sentence(), problem.subject, "failed")


def _state(options: Globals) -> Iterator[Row]:
    origin = "--state" if options.state else _("platform")
    yield _folder(options.root, origin)
    try:
        world = options.world()
        yield _row("world", world.id, "--practice" if options.practice else _("default"))
        yield from _ssh(world)
        yield from _services(world)
        yield _clock(world)
        yield from _journal(options, world)
    except ProblemError as error:
        for problem in error.problems:
            yield _row(problem.subject, problem.sentence(), problem.code, "failed")


def _folder(root: Path, origin: str) -> Row:
    """Whether a journal can be kept there; the folder itself may not be there yet."""
    there = next(one for one in (root, *root.parents) if one.exists())
    kind = host.network_file_system(there)
    free = shutil.disk_usage(there).free
    if kind:
        said, state = _("it is on a network file system ({kind})").format(kind=kind), "failed"
    elif not (there.is_dir() and os.access(there, os.W_OK)):
        said, state = _("nothing can be written there"), "failed"
    elif free < LITTLE:
        said = _("{free} KB are free").format(free=free // 1024)
        state = "failed" if free < NONE_LEFT else "warning"
    else:
        return _row("state folder", root, origin)
    return _row("state folder", f"{root}: {said}", origin, state)


def _ssh(world: World) -> Iterator[Row]:
    """Who resolves the user's SSH configuration; a practice world reads none."""
    if not world.ssh:
        yield _row("ssh configuration", _("not read in this world"), "-")
        return
    program = shutil.which(world.ssh[0])
    if program:
        yield _row("ssh configuration", _("as ssh -G resolves it"), program)
        return
    what = _("there is no ssh program, so Include and Match of it do not count")
    yield _row("ssh configuration", what, "~/.ssh/config", "warning")


def _services(world: World) -> Iterator[Row]:
    """How the first of the clouds answers: its sign-in and its Resource Manager."""
    from services.azure.reach import reach

    cloud = next(iter(world.clouds.values()))
    for name, url in (("sign-in", cloud.authority), ("resource manager", cloud.arm)):
        found = reach(url, world, Deadline(SECONDS))
        if found.problem is None:
            yield _row(name, _("answers"), f"{url} {found.way}")
            continue
        yield _row(name, found.problem.sentence(), f"{url} {found.way}", "warning")
        for line in found.chain:
            yield _row(_("presented"), line, url, "warning")


def _clock(world: World) -> Row:
    from services.guests.timeserver import offset

    problems = []
    for server in world.time_servers:
        try:
            reading = offset(server, world, Deadline(SECONDS))
        except ProblemError as error:
            problems.append(error.problems[0].sentence())
            continue
        state = "warning" if abs(reading.offset) >= 120 else "ok"
        return _row("this host's clock", f"{reading.offset:+.1f} s", f"SNTP {server}", state)
    return _row("this host's clock", "; ".join(problems), "SNTP", "warning")


def _journal(options: Globals, world: World) -> Iterator[Row]:
    if not world.state.joinpath("journal.sqlite").exists():
        yield _row("journal", _("none yet"), world.state.as_posix())
        return
    journal = options.journal(world, read_only=True)
    try:
        broken = journal.verify()
        value = _("{count} events, unbroken").format(count=journal.moved)
        if broken is not None:
            value = _("broken at event {number}").format(number=broken)
        yield _row("journal", value, world.state.as_posix(), "failed" if broken is not None else "ok")
        exported = [event for event in journal.events() if event.kind == "journal-exported"]
        last = f"{datetime.fromisoformat(exported[-1].at):%Y-%m-%d %H:%M} UTC" if exported else _("never")
        yield _row("last copy", last, "journal export")
        holder = holder_of(world.state)
        if holder:
            yield _row("held by", _holder(holder), "journal.lock", "warning")
    finally:
        journal.close()


def _holder(holder: Holder) -> str:
    return f"{holder.user} {holder.terminal} {holder.since_shown}"
