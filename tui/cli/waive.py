"""`lifeboat waive`: a failed check accepted in writing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import click

from services.journal.journal import Journal
from services.journal.model import Engagement
from services.journal.trouble import held
from services.names import as_written
from services.problems.model import Problem, RefusedError, UsageError
from services.readiness.model import Waiver
from services.scenario.inspection import Wanted, engagement_for, waivable
from services.scenario.registry import scenario
from services.scenario.waivers import unknown_check, unknown_target
from services.scenario.walk import in_the_name_of
from services.text import _
from services.world.model import World
from tui.cli.check import opened
from tui.cli.globals import Globals, json_line


@dataclass(frozen=True)
class WaiveOptions:
    """What `waive` was given: `waiver` as typed, `by` and `until` perhaps empty."""

    waiver: Waiver
    engagement: str = ""
    as_json: bool = False


def waive(options: Globals, given: WaiveOptions) -> int:
    """Keep a waiver in the engagement's journal; the check is then shown as waived and blocks nothing."""
    if options.read_only:
        what = _("A waiver is kept in the journal, and this program was started read-only.")
        raise RefusedError(Problem("read-only", "waive", what, remedy=_("Leave out --read-only.")))
    with opened(options) as (world, journal):
        _refuse_mistakes(given.waiver, world.clock.now().date().isoformat())
        engagement = engagement_for(world, journal, Wanted(given.engagement or options.engagement))
        if engagement is None:
            raise held(journal.path, journal.holder)
        in_the_name_of(journal, engagement)
        _refuse_unknown_check(engagement, given.waiver)
        waiver = Waiver(
            given.waiver.check,
            _target(world, journal, engagement, given.waiver),
            given.waiver.reason.strip(),
            given.waiver.by.strip() or journal.actor.name,
            given.waiver.until,
        )
        journal.save_waiver(engagement.id, waiver)
        if given.as_json:
            json_line({"waiver": {"engagement": engagement.name, **vars(waiver)}})
        else:
            until = waiver.until or _("for good")
            click.echo(f"{engagement.name}: {waiver.check}, {waiver.target}: {_('waived')}, {until}")
    return 0


def _target(world: World, journal: Journal, engagement: Engagement, waiver: Waiver) -> str:
    """The machine or thing as it is written there; '*' for all. UsageError names the nearest, or those there are."""
    known = waivable(world, journal, engagement, waiver.check)
    wrong = unknown_target(waiver.target, known, "TARGET")
    if wrong:
        raise UsageError(wrong)
    return as_written(waiver.target, known)


def _refuse_unknown_check(engagement: Engagement, waiver: Waiver) -> None:
    wrong = unknown_check(scenario(engagement.scenario), waiver.check, "CHECK")
    if wrong:
        raise UsageError(wrong)


def _refuse_mistakes(waiver: Waiver, today: str) -> None:
    if not waiver.reason.strip():
        what = _("a waiver needs a written reason.")
        raise UsageError(Problem("waiver-reason", "--reason", what))
    if waiver.until and not _is_day(waiver.until):
        what = _("'{value}' is no day such as 2027-01-31.").format(value=waiver.until)
        raise UsageError(Problem("bad-value", "--until", what))
    if waiver.until and waiver.until < today:
        what = _("{value} is over: today is {today}.").format(value=waiver.until, today=today)
        raise UsageError(Problem("bad-value", "--until", what))


def _is_day(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) and date.fromisoformat(text))
    except ValueError:
        return False
