"""Waivers as somebody writes them, in an answers file or on the command line: every mistake is named.

A waiver of a check or a machine that is not there would be kept and never heeded; so it is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.names import as_written, meant
from services.problems.model import Problem
from services.readiness.model import Waiver
from services.scenario.answers import Answers
from services.scenario.azure_stack.by_hand import CHECK as BY_HAND
from services.scenario.azure_stack.machines import machines_of
from services.scenario.inspection import STEPS
from services.scenario.model import Scenario
from services.text import _, plain

KEYS = ("check", "target", "reason", "by", "until")
EVERYTHING = "*"
_OTHERS = {"machines-listed": ["machines"], "host-clock": ["this host"]}
"""Checks of the steps about machines that look at something else, with what they look at."""


def read(rows: Any, scenario: Scenario, answers: Answers) -> tuple[tuple[Waiver, ...], list[Problem]]:
    """The waivers of an answers file, with targets as the machines are written there; and its mistakes."""
    if not isinstance(rows, list):
        return (), [Problem("bad-waiver", "waiver", _("must be a list of tables, [[waiver]]."))]
    waivers, problems = [], []
    for number, row in enumerate(rows, 1):
        subject = f"waiver {number}"
        wrong = _mistake(subject, row)
        if wrong is None:
            given = Waiver(**{key: str(row.get(key, "")).strip() for key in KEYS})
            wrong = unknown_check(scenario, given.check, f"{subject}: check")
        if wrong is None:
            known = targets(scenario, given.check, answers)
            wrong = unknown_target(given.target, known, f"{subject}: target")
        if wrong is None:
            waivers.append(Waiver(**{**vars(given), "target": as_written(given.target, known)}))
        else:
            problems.append(wrong)
    return tuple(waivers), problems


def targets(scenario: Scenario, check: str, answers: Answers) -> list[str]:
    """What a waiver of this check can be about; empty where that is not known before it was looked at."""
    about_machines = {one.id for step in scenario.steps if step.id in STEPS for one in step.checks}
    if check not in about_machines or check == BY_HAND:
        return []
    return _OTHERS.get(check) or [machine.name for machine in machines_of(answers)]


def unknown_check(scenario: Scenario, check: str, subject: str) -> Problem | None:
    """The problem with a check that this scenario does not have; None where it has it."""
    known = sorted({one.id for step in scenario.steps for one in step.checks})
    if check in known:
        return None
    what = _("There is no check '{name}'.").format(name=plain(check, 60))
    return Problem("unknown-check", subject, what, remedy=meant(check, known))


def unknown_target(target: str, known: Sequence[str], subject: str) -> Problem | None:
    """The problem with a machine or thing that is not there; None where it is, or where that is not known."""
    if target == EVERYTHING or not known or target.lower() in [name.lower() for name in known]:
        return None
    what = _("There is no machine '{name}'.").format(name=plain(target, 60))
    every = _("Or '*' for all.")
    return Problem("unknown-machine", subject, what, remedy=f"{meant(target, known)} {every}")


def _mistake(subject: str, row: Any) -> Problem | None:
    """What is wrong with the form of one waiver."""
    if not isinstance(row, dict):
        what = _("must be a table with {keys}.").format(keys=", ".join(KEYS))
        return Problem("bad-waiver", subject, what)
    missing = [key for key in KEYS[:4] if not str(row.get(key, "")).strip()]
    unknown = sorted(set(row) - set(KEYS))
    if missing or unknown:
        what = _("needs {missing}").format(missing=", ".join(missing)) if missing else ""
        extra = _("has unknown keys {unknown}").format(unknown=", ".join(unknown)) if unknown else ""
        return Problem("bad-waiver", subject, "; ".join(filter(None, (what, extra))))
    if not _is_day(str(row.get("until", ""))):
        what = _("'{given}' is not a date; give one such as 2027-06-30, or leave it empty.")
        return Problem("bad-waiver", f"{subject}: until", what.format(given=plain(str(row["until"]), 40)))
    return None


def _is_day(text: str) -> bool:
    """Whether a waiver may end so: on a day, or never."""
    try:
        return not text or bool(date.fromisoformat(text))
    except ValueError:
        return False
