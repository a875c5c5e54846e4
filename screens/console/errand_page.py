"""The page of an errand: what is asked, then the plan with its consequences, then what happens, then the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.console import errand_view
from screens.console.clock_line import ClockLine
from screens.console.consent_rows import ANSWER, PARTS, SECOND, SIGN, ConsentRows
from screens.console.errand import Errand, Shown
from screens.console.errand_course import PASSPHRASE, Course, Phase
from screens.console.vault_desk import VaultDesk
from screens.fold import Fold
from screens.page import Heading, Page
from screens.reader import Text
from screens.step.buttons import Buttons, Push
from screens.step.fields import FieldRow, TextEntry, Typed, make_row
from screens.step.secret_row import SecretRow
from screens.style import Line
from services.text import _

__all__ = ["ErrandPage", "Phase"]

if TYPE_CHECKING:
    from services.scenario.model import Field

STOP = Command("stop", "x", "stop", "Stop following; what was asked of Azure goes on there")
SECOND_PERSON = Command(
    "second", "2", "second person", "Save the plan for a second person, or give the plan that they approved"
)
SIGNING = Command("sign", "y", "sign", "Choose the key that signs the evidence")
RESUME = Command("answer", "g", "resume", "Say that what the job waits for is done: it goes on")


class ErrandPage(Page):
    """One errand from its first question to its end. Made anew for the same errand, it goes on where it was."""

    DEFAULT_CSS = """
    ErrandPage #fields { height: 1fr; display: none; scrollbar-size-vertical: 1; }
    ErrandPage Buttons { margin-top: 1; }
    """

    def __init__(self, console: VaultDesk, errand: Errand) -> None:
        super().__init__()
        self.console, self.errand = console, errand
        known = console.course
        same = known is not None and not known.left and known.errand == errand
        self.course = known if known is not None and same else Course(console, errand)
        console.course = self.course
        self._new = not same
        self._rows: list[FieldRow] = []
        self._drawn: Phase | None = None

    def compose(self) -> ComposeResult:
        yield ClockLine(self.console)
        yield VerticalScroll(id="fields", can_focus=False)
        shown = Text(self._draw)
        yield shown
        yield Fold(shown)
        yield ConsentRows()
        yield Buttons()

    def on_mount(self) -> None:
        if self._new:
            self.course.begin()
        self._turn()

    # What is shown ----------------------------------------------------------------------------------

    @property
    def phase(self) -> Phase:
        return self.course.phase

    @property
    def shown(self) -> Shown | None:
        """The plan, once there is one."""
        return self.course.shown

    @property
    def heading(self) -> Heading:
        return Heading(self.errand.title, errand_view.state_word(self.course))

    @property
    def commands(self) -> tuple[Command, ...]:
        if self.phase is Phase.DOING:
            return (RESUME, STOP) if self.course.waits else (STOP,)
        shown = self.shown
        if self.phase is not Phase.PLANNED or shown is None or shown.nothing:
            return (BACK,)
        second = (SECOND_PERSON,) if shown.signable is not None else ()
        return (*second, *((SIGNING,) if shown.evidence else ()), BACK)

    @property
    def hint(self) -> str:
        return errand_view.hint_of(self.course)

    def error(self, _focused: Widget | None) -> str:
        return errand_view.wrong(self.course)

    def first_focus(self) -> Widget | None:
        return self.query_one(Text) if self.phase is not Phase.ASKING else None

    def turn(self, key: str) -> bool:
        return self.query_one(Text).turn(key)

    def draw(self) -> None:
        if self._drawn is not self.phase:
            self._turn()
            return
        self.query_one(ConsentRows).follow(self.course)
        self.query_one(Text).draw_again()
        self._follow()

    @property
    def now(self) -> datetime:
        assert self.console.vault is not None
        return self.console.vault.world.clock.now()

    def _draw(self, width: int) -> Sequence[Line]:
        return errand_view.course_lines(self.course, width, self.now)

    def _turn(self) -> None:
        """Show another part of the way."""
        phase = self._drawn = self.phase
        if phase is Phase.ASKING and not self._rows:
            self._mount_fields(self.course.fields)
        elif phase is Phase.ASKING:
            self.call_after_refresh(self._enter, self._rows[0])
        self.query_one(ClockLine).go(running=phase is Phase.DOING)
        self.query_one(ConsentRows).follow(self.course)
        shown = self.query_one(Text)
        shown.display = phase is not Phase.ASKING
        self.query_one("#fields").display = phase is Phase.ASKING
        shown.show(self._draw)
        self._follow()
        if phase is not Phase.ASKING and not getattr(self.screen.focused, "takes_text", False):
            # An Enter too much, right after the one that began it, must not leave the form or stop the following.
            waiting = phase in (Phase.PREPARING, Phase.PLANNING, Phase.DOING)
            main = self.query_one(Buttons).push(errand_view.buttons(self.course)[1])
            (shown if waiting else main).focus()

    def _mount_fields(self, fields: Sequence[tuple[Field, Any]]) -> None:
        width = max(len(_(item.caption)) for item, _value in fields) + 4
        self._rows = [make_row(item, self.course.values[item.key], width) for item, _value in fields]
        self.query_one("#fields").mount(*self._rows)
        self._enter(self._rows[0])

    def _follow(self) -> None:
        self.query_one(Buttons).show(*errand_view.buttons(self.course), take=True)
        self.post_message(self.Reframe())

    # What is done -----------------------------------------------------------------------------------

    def on_fold_looked(self, event: Fold.Looked) -> None:
        event.stop()
        course, drawn = self.course, self._drawn is Phase.PLANNED and self.query_one(Text).size.height > 0
        if drawn and self.query_one(Fold).below == 0 and not course.seen_end:
            course.seen_end = True
            self._follow()

    def on_typed(self, event: Typed) -> None:
        event.stop()
        row = event.row
        known = self.course.values if row in self._rows else self.course.typed
        known[row.item.key] = row.value
        self._follow()

    def on_secret_row_secret(self, event: SecretRow.Secret) -> None:
        event.stop()
        if event.value:
            self.console.desk.typed[PASSPHRASE] = event.value
            self.post_message(self.Say(_("Kept in memory until you quit, and written nowhere.")))
        else:
            self.console.desk.typed.pop(PASSPHRASE, None)

    def on_text_entry_left(self, event: TextEntry.Left) -> None:
        event.stop()
        self.query_one(Buttons).push(errand_view.buttons(self.course)[1]).focus()

    def on_push_pushed(self, event: Push.Pushed) -> None:
        event.stop()
        acts = {
            "plan": self._plan,
            "more": lambda: self.turn("pagedown"),
            "save": self.course.save_plan,
            "do": self._do,
            "stop": self.do_stop,
            "answer": self.do_answer,
            "resume": self.course.resume,
            "notes": self.course.keep_notes,
            "back": self.do_back,
        }
        if event.name in acts:
            acts[event.name]()
            return
        outcome = self.course.outcome
        assert outcome is not None
        _word, errand = outcome.next[int(event.name.removeprefix("next "))]
        self.course.leave()
        self.post_message(self.Go(lambda: ErrandPage(self.console, errand), replace=True))

    def _plan(self) -> None:
        empty = errand_view.missing(self.course)
        if empty is not None:
            self._enter(next(row for row in self._rows if row.item == empty))
            return
        self.course.plan({row.item.key: row.value for row in self._rows})

    def _do(self) -> None:
        self.query_one(Text).scroll_home(animate=False)
        self.course.do()

    def do_second(self) -> None:
        self._open(SECOND)

    def do_sign(self) -> None:
        self._open(SIGN)

    def do_answer(self) -> None:
        self._open(ANSWER)

    def _open(self, part: str) -> None:
        """Ask for a part of the consent, and go to its first field; one where nothing was typed is closed again."""
        rows, course = self.query_one(ConsentRows), self.course
        fields = PARTS[part]
        if part in course.opened and not any(course.text(field.key) for field in fields):
            course.opened.remove(part)
            self.query_one(Text).focus()
        else:
            course.opened.add(part)
        rows.follow(course)
        row = rows.row(fields[0].key)
        if row is not None:
            self._enter(row)

    def _enter(self, row: FieldRow) -> None:
        """Give a row the focus, once it is composed."""
        if any(widget.focusable for widget in row.query(Widget)):
            row.entry.focus()
        elif self.is_mounted:
            self.call_after_refresh(self._enter, row)

    def do_stop(self) -> None:
        self.course.stop()

    def do_back(self) -> None:
        if self.course.keeps_form:
            self.course.ask_again()
        elif self.phase is not Phase.DOING:
            self.course.leave()
            super().do_back()
