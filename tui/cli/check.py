"""`lifeboat check`: the readiness of machines, with an exit code."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from services.journal.journal import Journal
from services.readiness import export_files
from services.readiness.model import Finding, Status
from services.readiness.report import finding_json
from services.scenario.inspection import Inspection, Wanted, inspection
from services.scenario.session import Event
from services.text import _, plain
from services.world.deadline import Deadline
from services.world.model import World
from tui.cli.first_use import first_use
from tui.cli.fix_rows import tell_cut_off
from tui.cli.globals import Globals, SecretPrompt, can_ask, json_line
from tui.cli.walk import Interruptible

BLOCKERS_LAST = (Status.WAIVED, Status.WARNING, Status.UNKNOWN, Status.FAILED)
"""What is read first on a terminal stands at its end."""
MOST_EVIDENCE = 3
"""Commands that a person is shown; the export has all."""
MOST_TEXT = 100
"""Characters of a command or of its output that a person is shown, on one line."""


@dataclass(frozen=True)
class CheckOptions:
    """What `check` was given beside the global options."""

    wanted: Wanted
    as_json: bool = False
    export: Path | None = None
    all: bool = False
    """With a row for each finding that is ok, and with all that was seen."""


def wanted(options: Globals, engagement: str = "", **which: Any) -> Wanted:
    """Which machines: of the engagement that the command or the program was given, of a file."""
    return Wanted(engagement or options.engagement, **which)


class Table:
    """One line a finding for a person, when it is made; what is ok only where all is asked for."""

    def __init__(self, silent: bool, all_rows: bool) -> None:
        self._silent = silent
        self._all = all_rows
        self._said: set[tuple[str, str]] = set()
        self.inspection: Inspection | None = None

    def event(self, event: Event) -> None:
        """A finding of the sweep, which comes machine by machine before the sweep is over."""
        if event["event"] == "looked":
            finding = Finding(event["check"], event["target"], Status(event["status"]), "")
            self.finding(self.inspection.waived(finding) if self.inspection else finding)

    def finding(self, finding: Finding) -> None:
        """A finding; one that was said is not said again."""
        key = finding.id, finding.target
        shown = not self._silent and (self._all or finding.status is not Status.OK)
        if shown and key not in self._said:
            self._said.add(key)
            title = self.inspection.titles.get(finding.id, "") if self.inspection else ""
            click.echo(
                plain(f"{finding.status:<8} {finding.target:<24} {finding.id:<22} {_(title)}").rstrip()
            )


@contextlib.contextmanager
def opened(options: Globals) -> Iterator[tuple[World, Journal]]:
    """The world and its journal; where another console holds that, it can be looked at, and changes are refused."""
    world = options.world()
    journal = options.journal(world)
    try:
        yield world, journal
    finally:
        journal.close()


def check(options: Globals, given: CheckOptions) -> int:
    """Look at every machine; 0 when nothing blocks, else 1."""
    table = Table(given.as_json, given.all)
    with opened(options) as (world, journal):
        deadline = Deadline()
        ask = SecretPrompt() if can_ask() else None
        table.inspection = looked = inspection(world, journal, given.wanted, deadline, table.event, ask)
        tell_cut_off(looked.session)
        with Interruptible(deadline):
            if ask and not given.as_json:
                first_use(looked)
            found = looked.look(table.finding)
        blocking = looked.blockers(found)
        if given.as_json:
            json_line({"findings": [finding_json(one) for one in found]})
        else:
            _tell(found, blocking, looked, given.all)
        if given.export is not None:
            label = "PRACTICE" if world.practice else world.id
            title = f"{label}: {_('readiness')}, {looked.title}, {world.clock.now():%Y-%m-%d %H:%M} UTC"
            for path in export_files.findings(given.export, found, title):
                click.echo(path, err=True)
    return 1 if blocking else 0


def _tell(found: list[Finding], blocking: list[Finding], looked: Inspection, everything: bool) -> None:
    """What is not ok in detail, what blocks last, then the sum."""
    told = [one for one in found if one.status is not Status.OK]
    told.sort(key=lambda one: (one in blocking, BLOCKERS_LAST.index(one.status)))
    for finding in told:
        title = _(looked.titles.get(finding.id, ""))
        click.echo()
        click.echo(plain(f"{finding.status}: {finding.target}, {finding.id}{f' ({title})' if title else ''}"))
        for label, text in _facts(finding, everything):
            if text:
                click.echo(f"  {label}: {plain(text)}")
    counts = {status: sum(one.status is status for one in found) for status in Status}
    words = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    click.echo()
    if counts[Status.OK] and not everything:
        click.echo(_("What is ok is only counted; --all shows it."))
    click.echo(
        _("{name}: {count} findings: {words}; {blocking} block.").format(
            name=plain(looked.title), count=len(found), words=words, blocking=len(blocking)
        )
    )


def _facts(finding: Finding, everything: bool) -> list[tuple[str, str]]:
    waiver = finding.waiver
    accepted = f"{waiver.reason} ({waiver.by}, {waiver.until or _('for good')})" if waiver else ""
    return [
        (_("found"), _(finding.what)),
        *((_("saw"), text) for text in _seen(finding, everything)),
        (_("why"), _(finding.cause)),
        (_("fix"), _(finding.fix)),
        (_("waived"), accepted),
        (_("source"), finding.source),
    ]


def _seen(finding: Finding, everything: bool) -> list[str]:
    """What was asked and what came back, each cut to a part of one line unless everything is wanted."""
    if everything:
        return [f"{item.command}: {' / '.join(item.output.splitlines())}" for item in finding.evidence]
    return [f"{_short(item.command)}: {_short(item.output)}" for item in finding.evidence[:MOST_EVIDENCE]]


def _short(text: str) -> str:
    said = " / ".join(line.strip() for line in text.splitlines() if line.strip())
    return said if len(said) <= MOST_TEXT else f"{said[: MOST_TEXT - 3]}..."
