"""The page of an errand: what is asked, then the plan with its consequences, then what happens, then the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.console.errand import Consent, Errand, Outcome, Shown
from screens.console.happened import happened_lines
from screens.console.vault_desk import VaultDesk
from screens.fold import Fold
from screens.page import Heading, Page
from screens.reader import Text
from screens.step.buttons import Button, Buttons, Push
from screens.step.fields import FieldRow, TextEntry, TextRow, Typed, make_row
from screens.style import Line, text
from screens.welcome import problem_lines
from services.problems.model import CancelledError
from services.text import _

if TYPE_CHECKING:
    from services.problems.model import Problem, ProblemError
    from services.scenario.model import Field
    from services.world.deadline import Deadline

STOP = Command("stop", "x", "stop", "Stop following; what was asked of Azure goes on there")


class Phase(StrEnum):
    PREPARING = "preparing"
    ASKING = "asking"
    PLANNING = "planning"
    PLANNED = "planned"
    DOING = "doing"
    OVER = "over"
    REFUSED = "refused"


class ErrandPage(Page):
    """One errand from its first question to its end."""

    DEFAULT_CSS = """
    ErrandPage #fields { height: 1fr; display: none; scrollbar-size-vertical: 1; }
    ErrandPage #consent { height: auto; display: none; }
    ErrandPage #consent.open { display: block; }
    ErrandPage Buttons { margin-top: 1; }
    """

    def __init__(self, console: VaultDesk, errand: Errand) -> None:
        super().__init__()
        self.console, self.errand = console, errand
        self.phase = Phase.PREPARING
        self.shown: Shown | None = None
        self.outcome: Outcome | None = None
        self.trouble: tuple[Problem, ...] = ()
        self._rows: list[FieldRow] = []
        self._deadline: Deadline | None = None
        self._seen_end = False

    def compose(self) -> ComposeResult:
        yield VerticalScroll(id="fields", can_focus=False)
        shown = Text(self._draw)
        yield shown
        yield Fold(shown)
        yield Vertical(id="consent")
        yield Buttons()

    def on_mount(self) -> None:
        self.console.events = []
        self._deadline = self.console.ask("prepare", self.errand.prepare, self._prepared, self._refused)
        self._follow()

    # What is shown ----------------------------------------------------------------------------------

    @property
    def heading(self) -> Heading:
        words = {
            Phase.PREPARING: _("looking ..."),
            Phase.ASKING: _("nothing has been changed yet"),
            Phase.PLANNING: _("looking ..."),
            Phase.PLANNED: _("nothing has been changed yet"),
            Phase.DOING: _("under way"),
            Phase.OVER: self.outcome.word if self.outcome else "",
            Phase.REFUSED: _("refused"),
        }
        return Heading(self.errand.title, words[self.phase])

    @property
    def commands(self) -> tuple[Command, ...]:
        return (STOP,) if self.phase is Phase.DOING else (BACK,)

    @property
    def hint(self) -> str:
        if self.phase is Phase.PLANNED:
            return _("Tab goes to the buttons.")
        if self.phase is Phase.DOING:
            return _("You may close the terminal: Azure goes on, and the next start takes it up again.")
        return ""

    def error(self, _focused: Widget | None) -> str:
        wrong = self._wrong()
        return wrong if self.phase in (Phase.ASKING, Phase.PLANNED) else ""

    def first_focus(self) -> Widget | None:
        return self._rows[0].entry if self.phase is Phase.ASKING and self._rows else self.query_one(Text)

    def turn(self, key: str) -> bool:
        shown = self.query_one(Text)
        moves = {"pagedown": shown.scroll_page_down, "pageup": shown.scroll_page_up}
        if key in moves:
            moves[key](animate=False)
        return key in moves

    def draw(self) -> None:
        self.query_one(Text).draw_again()
        self._follow()

    @property
    def now(self) -> datetime:
        assert self.console.vault is not None
        return self.console.vault.world.clock.now()

    def _draw(self, width: int) -> Sequence[Line]:
        lines = [line for problem in self.trouble for line in problem_lines(problem, width)]
        if self.phase is Phase.PREPARING or self.phase is Phase.PLANNING:
            return [*lines, text(_("Asking Azure ..."), "dim")]
        if self.phase is Phase.PLANNED and self.shown is not None:
            return [*lines, *self.shown.lines(width)]
        if self.phase is Phase.DOING:
            return [*lines, *happened_lines(self.console.events, width, self.now)]
        if self.phase is Phase.OVER:
            said = list(self.outcome.lines(width)) if self.outcome else []
            return [*lines, *said, text(""), *happened_lines(self.console.events, width, self.now)]
        return lines

    # The way from phase to phase --------------------------------------------------------------------

    def _prepared(self, fields: Sequence[tuple[Field, Any]]) -> None:
        if not self.is_mounted:
            return
        if not fields:
            self._plan()
            return
        width = max(len(_(item.caption)) for item, _value in fields) + 4
        self._rows = [make_row(item, value, width) for item, value in fields]
        self.query_one("#fields").mount(*self._rows)
        # The rows have values only once they are composed.
        self.call_after_refresh(self._ask)

    def _ask(self) -> None:
        self._enter(Phase.ASKING)
        self._rows[0].entry.focus()

    def _plan(self) -> None:
        values = self._values()
        self._enter(Phase.PLANNING)
        self._deadline = self.console.ask(
            "plan",
            lambda vault, deadline: self.errand.plan(vault, values, deadline),
            self._planned,
            self._refused,
        )

    def _planned(self, shown: Shown) -> None:
        if not self.is_mounted:
            return
        self.shown = shown
        self._seen_end = False
        consent = self.query_one("#consent")
        rows = [_name_row(shown.name)] if shown.name else []
        rows += [_reason_row()] if shown.reason else []
        consent.mount(*rows)
        consent.set_class(bool(rows), "open")
        self.call_after_refresh(lambda: self._enter(Phase.PLANNED))

    def _do(self) -> None:
        shown = self.shown
        assert shown is not None
        consent = Consent(self._values(), self._typed("name"), self._typed("reason"))
        self.query_one("#consent").remove_class("open")
        self._enter(Phase.DOING)
        self._deadline = self.console.ask(
            "errand",
            lambda vault, deadline: self.errand.apply(vault, shown, consent, deadline),
            self._over,
            self._refused,
            seconds=None,
        )

    def _over(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.console.hurry()
        self._enter(Phase.OVER)

    def _refused(self, error: ProblemError) -> None:
        self.trouble = error.problems
        self.console.hurry()
        self._enter(Phase.OVER if isinstance(error, CancelledError) else Phase.REFUSED)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        if self.is_mounted:
            shown = self.query_one(Text)
            shown.display = phase is not Phase.ASKING
            self.query_one("#fields").display = phase is Phase.ASKING
            shown.show(self._draw)
            self._follow()
            self.console.desk.moved()

    # Buttons ----------------------------------------------------------------------------------------

    def _follow(self) -> None:
        buttons, main = self._buttons()
        self.query_one(Buttons).show(buttons, main, take=True)
        self.post_message(self.Reframe())

    def _buttons(self) -> tuple[tuple[Button, ...], str]:
        back = Button("back", _("Change nothing"), _("Nothing is changed."))
        if self.phase is Phase.ASKING:
            return (
                back,
                Button("plan", _("Show the plan"), _("Nothing is changed yet."), not self._wrong()),
            ), "plan"
        if self.phase is Phase.PLANNED and self.shown is not None and not self.shown.nothing:
            if not self._seen_end:
                return (back, Button("more", _("Read on"), _("The plan goes on below."))), "back"
            return (back, Button("do", self.shown.go, _("Azure is asked now."), not self._wrong())), "back"
        if self.phase is Phase.DOING:
            return (Button("stop", _("Stop following"), _("What was asked of Azure goes on there.")),), "stop"
        coming = tuple(
            Button(f"next {number}", errand.title, _("Opens its questions and its plan."))
            for number, errand in enumerate(self.outcome.next if self.outcome else ())
        )
        return (Button("back", _("Back"), _("To the page before.")), *coming[:3]), "back"

    def on_fold_looked(self, event: Fold.Looked) -> None:
        event.stop()
        if self.phase is Phase.PLANNED and self.query_one(Fold).below == 0 and not self._seen_end:
            self._seen_end = True
            self._follow()

    def on_typed(self, event: Typed) -> None:
        event.stop()
        self._follow()

    def on_text_entry_left(self, event: TextEntry.Left) -> None:
        event.stop()
        self.query_one(Buttons).push("back").focus()

    def on_push_pushed(self, event: Push.Pushed) -> None:
        event.stop()
        if event.name == "plan":
            self._plan()
        elif event.name == "more":
            self.turn("pagedown")
        elif event.name == "do":
            self._do()
        elif event.name == "stop":
            self.do_stop()
        elif event.name.startswith("next ") and self.outcome is not None:
            errand = self.outcome.next[int(event.name.removeprefix("next "))]
            self.post_message(self.Go(lambda: ErrandPage(self.console, errand), replace=True))
        else:
            self.do_back()

    def do_stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()

    def do_back(self) -> None:
        if self.phase is not Phase.DOING:
            self.do_stop()
            super().do_back()

    # Values -----------------------------------------------------------------------------------------

    def _values(self) -> Mapping[str, Any]:
        return {row.item.key: row.value for row in self._rows}

    def _typed(self, key: str) -> str:
        rows = [row for row in self.query_one("#consent").query(TextRow) if row.item.key == key]
        return str(rows[0].value).strip() if rows else ""

    def _wrong(self) -> str:
        """Why it can not go on yet: the first value that is missing or will not do."""
        if self.phase is Phase.ASKING:
            for row in self._rows:
                if row.item.required and row.value in ("", None):
                    return _("Still needed: {fields}").format(fields=_(row.item.caption))
        if self.phase is Phase.PLANNED and self.shown is not None:
            if self.shown.name and self._typed("name") != self.shown.name:
                return _("Type {name} to go on.").format(name=self.shown.name)
            if self.shown.reason and not self._typed("reason"):
                return _("Give the reason to go on.")
        return ""


def _name_row(name: str) -> TextRow:
    from services.scenario.model import Field

    help_ = _("It cannot be undone, so its name is asked: {name}").format(name=name)
    return TextRow(Field("name", "Type its name", help_), "")


def _reason_row() -> TextRow:
    from services.scenario.model import Field

    return TextRow(Field("reason", "Reason", "It stands in the record and in the evidence."), "")
