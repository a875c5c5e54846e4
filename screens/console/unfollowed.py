"""What is said where an errand is followed no longer while it is done: what goes on, what waits, how to come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.console.errand import Outcome
from screens.style import Line, wrapped
from services.text import _

if TYPE_CHECKING:
    from screens.console.errand_course import Course


def stopped(course: Course) -> Outcome:
    """The end of following, which is not the end of what was asked."""
    title, waits = course.errand.title, left_to_do(course)

    def lines(width: int) -> list[Line]:
        said = _("Only the following here has ended. What Azure has accepted goes on there.")
        back = _("To come back: Follow again, or {title} once more from where you began it.")
        return [
            *wrapped(said, width, "warn"),
            *wrapped(waits, width, "warn"),
            *wrapped(back.format(title=title), width),
        ]

    return Outcome(_("not followed; Azure goes on"), lines, ((_("Follow again"), course.errand),))


def leaving(course: Course) -> str:
    """What leaving the program means now."""
    goes_on = _("{title} is under way. What Azure has accepted goes on there.").format(
        title=course.errand.title
    )
    back = _(
        "Start the console again and open the same: it goes on where it was, and nothing is asked twice."
    )
    return " ".join(filter(None, (goes_on, left_to_do(course), back)))


def left_to_do(course: Course) -> str:
    """What this program would still have done after Azure's job; empty where there is nothing."""
    shown = course.shown
    if shown is None or not shown.evidence:
        return ""
    if getattr(getattr(shown.basis, "options", None), "cleanup", False):
        return _("Until you follow it again nobody checks, cleans up or records: the machines run, and cost.")
    return _("Until you follow it again nobody looks at how it ends, or records it.")
