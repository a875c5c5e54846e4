"""Accept a failed check in writing: reason, by whom, until when."""

from __future__ import annotations

import getpass
import re
from collections.abc import Sequence
from datetime import date

from textual.app import ComposeResult
from textual.widget import Widget

from screens.desk import Desk
from screens.lines import Lines
from screens.page import Heading, Page
from screens.place import principal
from screens.step.buttons import Button, Buttons, Push
from screens.step.fields import FieldRow, TextRow, Typed
from screens.style import Line, text, wrapped
from services.problems.model import ProblemError
from services.readiness.model import Finding, Waiver
from services.scenario.model import Field, Step
from services.text import _, plain

REASON = Field("reason", "Reason", "Why this may stay as it is; it stands in the journal and in reports.")
BY = Field("by", "By", "Who accepts it.")
UNTIL = Field("until", "Until", "A date such as 2027-06-30; empty for good.", required=False)


class WaivePage(Page):
    """Three fields, then it is written and the checks run again."""

    DEFAULT_CSS = "WaivePage Lines, WaivePage FieldRow { margin-bottom: 1; }"

    def __init__(self, desk: Desk, step: Step, finding: Finding) -> None:
        super().__init__()
        self.desk, self.step, self.finding = desk, step, finding
        self._wrong: dict[str, str] = {}
        """Why a field will not do, by field key."""
        self._tried = False
        self._signs = signer(desk)

    def compose(self) -> ComposeResult:
        yield Lines(self._text)
        for item, value in ((REASON, ""), (BY, self._signs[0]), (UNTIL, "")):
            yield TextRow(item, value)
        yield Lines(self._why, classes="why")
        yield Buttons()

    def on_mount(self) -> None:
        self._follow()

    @property
    def heading(self) -> Heading:
        return Heading(_("Waive {check}").format(check=self.finding.id), plain(self.finding.target))

    def error(self, focused: Widget | None) -> str:
        """The mistake of the field with the focus, once it was left; at the buttons the first one."""
        around = focused.ancestors if focused is not None else ()
        row = next((node for node in around if isinstance(node, FieldRow)), None)
        return next((why for one, why in self._said() if row is None or row is one), "")

    def _said(self) -> list[tuple[FieldRow, str]]:
        """The mistakes that are said now: an empty field only once it was left, a wrong date at once."""
        return [
            (row, self._wrong[row.item.key])
            for row in self.query(FieldRow)
            if row.item.key in self._wrong and (row.touched or self._tried or row.value)
        ]

    def _why(self, width: int) -> Sequence[Line]:
        return [line for _row, why in self._said() for line in wrapped(why, width, "bad", "  ")]

    def first_focus(self) -> Widget | None:
        return next(iter(self.query(FieldRow))).entry

    def _text(self, width: int) -> Sequence[Line]:
        lines = wrapped(plain(_(self.finding.what)), width, "bold")
        lines += wrapped(plain(_(self.finding.cause)), width)
        return [*lines, *wrapped(self._signs[1], width, "dim"), text("")]

    def on_typed(self, event: Typed) -> None:
        event.stop()
        self._follow()

    def _follow(self) -> None:
        reason, by, until = self._values()
        found = (
            (REASON, "" if reason else _("needs a value")),
            (BY, "" if by else _("needs a value")),
            (UNTIL, _date_mistake(until, self._today())),
        )
        self._wrong = {item.key: f"{_(item.caption)}: {why}" for item, why in found if why}
        hint = (
            _("Goes to what is missing.")
            if self._wrong
            else _("Written to the journal; the checks run again.")
        )
        keep = Button("back", _("Do not waive"), _("Nothing is written."))
        self.query_one(Buttons).show((keep, Button("waive", _("Waive"), hint)), "back")
        self.query_one(".why", Lines).draw_again()
        self.post_message(self.Reframe())

    def _today(self) -> date:
        assert self.desk.book is not None
        return self.desk.book.world.clock.now().date()

    def _values(self) -> tuple[str, str, str]:
        reason, by, until = (str(row.value).strip() for row in self.query(TextRow))
        return reason, by, until

    def on_push_pushed(self, event: Push.Pushed) -> None:
        event.stop()
        if event.name == "waive":
            self._follow()
            if self._wrong:
                self._to_the_first_mistake()
                return
            reason, by, until = self._values()
            waiver = Waiver(self.finding.id, self.finding.target, reason, by, until)
            self.desk.waive(self.step, waiver, self._refused)
        self.do_back()

    def _to_the_first_mistake(self) -> None:
        self._tried = True
        next(row for row in self.query(FieldRow) if row.item.key in self._wrong).entry.focus()
        self._follow()

    def _refused(self, error: ProblemError) -> None:
        self.desk.step(self.step.id).problems = error.problems


def signer(desk: Desk) -> tuple[str, str]:
    """Who accepts, and a sentence that says who that is."""
    name = principal(desk)
    if name:
        return name, _("Signed by {name}, who is signed in.").format(name=name)
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        return "", _("Nobody is signed in and this host knows no user name: say who accepts it.")
    return user, _("Signed by {name}, the user of this host: nobody is signed in.").format(name=user)


def _date_mistake(until: str, today: date) -> str:
    """Why a waiver cannot hold until then, or nothing."""
    if not until:
        return ""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", until) is None:
            raise ValueError(until)
        day = date.fromisoformat(until)
    except ValueError:
        return _("'{given}' is not a date; give one such as 2027-06-30").format(given=plain(until, 40))
    return "" if day >= today else _("{value} is over: today is {today}").format(value=until, today=today)
