"""How an errand looks at each point of its way: what stands right of its title, its text, its buttons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from screens.console.consent_rows import ANSWER
from screens.console.errand_course import Phase
from screens.console.happened import happened_lines
from screens.step.buttons import Button
from screens.style import Line, text, wrapped
from screens.welcome import problem_lines
from services.text import _, plain

if TYPE_CHECKING:
    from screens.console.errand_course import Course
    from services.scenario.model import Field

MOST_NEXT = 2
"""Errands that come next and have a button each; they stand on one line with Back."""


def state_word(course: Course) -> str:
    """How the errand stands, for the right end of the title."""
    words = {
        Phase.PREPARING: _("looking ..."),
        Phase.ASKING: _("nothing has been changed yet"),
        Phase.PLANNING: _("looking ..."),
        Phase.PLANNED: _("nothing has been changed yet"),
        Phase.DOING: _("under way"),
        Phase.OVER: course.outcome.word if course.outcome else "",
        Phase.REFUSED: _("failed") if course.broken else _("refused"),
    }
    if course.phase is Phase.PLANNED and course.shown is not None and course.shown.begun:
        words[Phase.PLANNED] = _("begun, and not over")
    return _("looking ...") if course.checking else words[course.phase]


def hint_of(course: Course) -> str:
    """The help line where what has the focus offers none."""
    if course.phase is Phase.PLANNED:
        return _("Tab goes to the buttons.")
    if course.phase is Phase.DOING:
        return _("You may close the terminal: Azure goes on, and the next start takes it up again.")
    if course.phase is Phase.OVER and course.outcome is not None and course.outcome.keep is not None:
        return _("Tab goes to the notes.")
    return ""


def course_lines(course: Course, width: int, now: datetime) -> Sequence[Line]:
    """What is to be read."""
    lines = [line for problem in course.trouble for line in problem_lines(problem, width)]
    if course.said:
        lines += [*wrapped(course.said, width, "good"), text("")]
    if course.phase in (Phase.PREPARING, Phase.PLANNING):
        return [*lines, text(_("Asking Azure ..."), "dim")]
    if course.phase is Phase.PLANNED and course.shown is not None:
        gap = [text("")] if course.trouble else []
        return [*lines, *gap, *course.shown.lines(width)]
    if course.phase is Phase.DOING:
        return [*lines, *_under_way(course, width, now)]
    if course.phase is Phase.OVER:
        said = list(course.outcome.lines(width)) if course.outcome else []
        return [*lines, *said, text(""), *happened_lines(course.console.events, width, now)]
    return lines


def _under_way(course: Course, width: int, now: datetime) -> list[Line]:
    """What has happened; what waits for a person stands first, wherever the job stands in its tasks."""
    events = course.console.events
    if not course.waits:
        return happened_lines(events, width, now)
    met = [event for event in events if event["event"] == "manual-action"][-1]
    said = _("The job waits for a person: {name}. {instructions}")
    asks = plain(said.format(name=met["name"], instructions=met["instructions"]))
    first = [
        *wrapped(asks, width, "warn"),
        *wrapped(
            _("When it is done: g, a comment if you like, then Resume. The job goes on."), width, "warn"
        ),
    ]
    return [*first, text(""), *happened_lines([event for event in events if event is not met], width, now)]


def missing(course: Course) -> Field | None:
    """The first field of the form that must not be empty, and is."""
    empty = ("", None)
    return next(
        (item for item, _v in course.fields if item.required and course.values.get(item.key) in empty), None
    )


def wrong(course: Course) -> str:
    """Why it can not go on yet: the first value that is missing or will not do."""
    if course.phase is Phase.ASKING and (item := missing(course)) is not None:
        return _("Still needed: {fields}").format(fields=_(item.caption))
    shown = course.shown
    if course.phase is Phase.PLANNED and shown is not None:
        typed = course.text("name")
        if typed and not shown.name.startswith(typed):
            return _("'{typed}' is not its name. Type {name} to go on.").format(
                typed=plain(typed, 40), name=shown.name
            )
        if shown.name and typed != shown.name:
            return _("Type {name} to go on.").format(name=shown.name)
        if shown.reason and not course.text("reason"):
            return _("Give the reason to go on.")
        if course.text("approval") and not course.text("signers"):
            return _("Still needed: {fields}").format(fields=_("Allowed signers"))
    return ""


def buttons(course: Course) -> tuple[tuple[Button, ...], str]:
    """The buttons, and the one that has the focus first."""
    back = Button("back", _("Change nothing"), _("Nothing is changed."))
    if course.phase is Phase.ASKING:
        # First, as Enter in the last field comes here; and what is missing is looked for when it is pushed.
        return (Button("plan", _("Show the plan"), _("Nothing is changed yet.")), back), "plan"
    if course.phase is Phase.PLANNED and course.shown is not None and not course.shown.nothing:
        return (back, *_planned(course)), "back"
    if course.phase is Phase.DOING:
        stop = Button("stop", _("Stop following"), _("What was asked of Azure goes on there."))
        if not course.waits:
            return (stop,), "stop"
        if ANSWER not in course.opened:
            hint = _("Opens a field for what Azure keeps with it; nothing is sent yet.")
            return (Button("answer", _("It is done: answer"), hint), stop), "answer"
        resume = Button(
            "resume", _("Resume"), _("The job goes on; Azure keeps the comments."), not course.checking
        )
        return (resume, stop), "stop"
    outcome = course.outcome
    noted = Button("notes", _("Keep the notes"), _("The record is written anew with them."))
    noting = outcome is not None and outcome.keep is not None and course.text("notes") and not course.checking
    leave = Button("back", _("Back"), _("To the page before."))
    if course.keeps_form:
        leave = Button("back", _("Back to the form"), _("What was typed stands there; nothing was sent."))
    if noting:
        return (leave, noted), "back"
    coming = tuple(
        Button(f"next {number}", word, plain(errand.title) + _(": its questions and its plan."))
        for number, (word, errand) in enumerate(outcome.next[:MOST_NEXT] if outcome else ())
    )
    return (leave, *coming), "back"


def _planned(course: Course) -> list[Button]:
    """What can be done with a plan, once it was read to its end."""
    assert course.shown is not None
    found = []
    if course.text("plan"):
        hint = _("Writes the file; nothing is asked of Azure.")
        found.append(Button("save", _("Save the plan"), hint, not course.checking))
    if not course.seen_end:
        return [*found, Button("more", _("Read on"), _("The plan goes on below."))]
    ready = not wrong(course) and not course.checking
    return [*found, Button("do", course.shown.go, _("Azure is asked now."), ready)]
