"""What the page of an errand asks beside its plan: a name, a reason; a second person, who signs; an answer to a
job that waits; notes at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll

from screens.console.errand_course import Phase
from screens.console.errands import COMMENTS
from screens.step.fields import FieldRow, make_row
from services.scenario.model import Field, Kind
from services.text import _

if TYPE_CHECKING:
    from screens.console.errand_course import Course

REASON = Field("reason", "Reason", "It stands in the record and in the evidence.")
PLAN = Field(
    "plan", "Save the plan as", "A new file, for a second person: they run lifeboat approve FILE.", Kind.PATH
)
APPROVAL = Field("approval", "Approved plan", "The plan's file; its signature stands beside it.", Kind.PATH)
SIGNERS = Field(
    "signers",
    "Allowed signers",
    "The file of those who may approve; you must not be able to write it.",
    Kind.PATH,
)
KEY = Field(
    "sign",
    "Sign with",
    "The file of a key for the evidence, or agent for the only key of ssh-agent.",
    Kind.PATH,
)
PASSPHRASE = Field("passphrase", "Its passphrase", "Only for a key that has one.", Kind.SECRET)
NOTES = Field("notes", "Notes", "What was observed; it stands in the record.")
SECOND, SIGN, ANSWER = "second", "sign", "answer"
PARTS = {SECOND: (PLAN, APPROVAL, SIGNERS), SIGN: (KEY, PASSPHRASE), ANSWER: (COMMENTS,)}
"""The parts of the consent that are there only when they are asked for."""
WIDTH = 20


class ConsentRows(VerticalScroll, can_focus=False):
    """The rows that the state of an errand asks for; those that stay keep what stands in them."""

    DEFAULT_CSS = """
    ConsentRows { height: auto; max-height: 60%; display: none; scrollbar-size-vertical: 1; }
    ConsentRows.open { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(id="consent")
        self.rows: list[FieldRow] = []

    def follow(self, course: Course) -> None:
        """Have the rows that are asked for now."""
        wanted = wanted_fields(course)
        there = [row.item for row in self.rows]
        if there == wanted:
            self._refill(course)
            return
        for row in self.rows:
            if row.item not in wanted:
                row.remove()
        new = [make_row(item, course.text(item.key), WIDTH) for item in wanted if item not in there]
        self.rows = [*(row for row in self.rows if row.item in wanted), *new]
        self.mount(*new)
        self.set_class(bool(wanted), "open")

    def _refill(self, course: Course) -> None:
        """The plan that was saved is most likely the one that will be approved."""
        row = self.row(APPROVAL.key)
        if row is not None and not row.value and course.text(APPROVAL.key):
            row.refill(course.text(APPROVAL.key))

    def row(self, key: str) -> FieldRow | None:
        """The row of a key; None where it is not asked for."""
        return next((row for row in self.rows if row.item.key == key), None)


def wanted_fields(course: Course) -> list[Field]:
    """What is asked now, in its order."""
    shown, outcome = course.shown, course.outcome
    if course.phase is Phase.OVER:
        return [NOTES] if outcome is not None and outcome.keep is not None else []
    if course.phase is Phase.DOING:
        return [COMMENTS] if course.waits and ANSWER in course.opened else []
    if course.phase is not Phase.PLANNED or shown is None:
        return []
    fields = [name_field(shown.name)] if shown.name else []
    fields += [REASON] if shown.reason else []
    return fields + [field for part, asked in PARTS.items() if part in course.opened for field in asked]


def name_field(name: str) -> Field:
    """The name of what cannot be undone, to be typed."""
    help_ = _("It cannot be undone, so its name is asked: {name}").format(name=name)
    return Field("name", "Type its name", help_)
