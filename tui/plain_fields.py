"""One question of a step on a line: what stands there, what will do, what helps."""

from __future__ import annotations

from typing import Any

from services.scenario.answers import Answers
from services.scenario.model import Field, Kind, Step
from services.scenario.validate import mistake, parsed
from services.scenario.walk import Walk
from services.secrets import FORMS
from services.text import _
from tui.prompts import say


def standing(walk: Walk, step: Step, item: Field) -> Any:
    """What Enter takes: what was given, else what is suggested.

    A legal acceptance is never suggested. What was given and will not do (now, or typed on a page) is
    named, and the suggestion stands in its place.
    """
    answers, key = walk.answers, f"{step.id}.{item.key}"
    suggested = "" if item.kind is Kind.ACCEPTANCE else answers.default(key)
    if key not in answers.given:
        return suggested
    wrong = mistake(item, answers[key], answers)
    if wrong is None:
        return answers[key]
    said = _("{caption}: what was typed before will not do: {why}")
    say(said.format(caption=_(item.caption), why=wrong))
    return suggested


def objection(walk: Walk, step: Step, item: Field, answer: Any) -> str | None:
    """Why an answer will not do beside the others, as a sentence; None if it will."""
    answers = walk.answers
    given = {**answers.given, f"{step.id}.{item.key}": answer}
    return mistake(item, answer, Answers(answers.scenario, given, answers.known))


def chosen_value(item: Field, typed: str) -> Any:
    """The value: as typed, or by the number of a choice."""
    if item.choices and typed.isdigit() and 1 <= int(typed) <= len(item.choices):
        return item.choices[int(typed) - 1].value
    return parsed(item, typed)


def caption(item: Field) -> str:
    """What is asked for, with its unit."""
    return f"{_(item.caption)} ({_(item.unit)})" if item.unit else _(item.caption)


def tell_help(item: Field) -> None:
    """What ? says of a question."""
    say("  " + _(item.help))
    if item.offer is not None:
        say("  " + _("Type list for those that Azure offers."))
    if not item.required:
        say("  " + _("May be left empty: type - for that."))


def list_choices(item: Field) -> None:
    """What can be answered, where that is not just text."""
    for number, choice in enumerate(item.choices, 1):
        note = f": {_(choice.note)}" if choice.note else ""
        say(f"  {number}  {choice.value}  {_(choice.label)}{note}")
    if item.kind is Kind.YES_NO:
        say("  " + _("yes or no"))
    if item.kind is Kind.ACCEPTANCE:
        say("  " + _(item.help))
    if item.kind is Kind.SECRET:
        say("  " + _("Say where it comes from: {forms}. 'prompt' asks without echo.").format(forms=FORMS))


def guide(step: Step, *, details: bool = True) -> None:
    """The guidance of a step, with or without its details."""
    from screens.guidance import guidance

    for line in guidance(step.id).splitlines():
        if line == "## Details" and not details:
            say(_("?? reads the details."))
            return
        say(line.lstrip("# ") if line.startswith("#") else line)
