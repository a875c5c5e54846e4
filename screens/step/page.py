"""The generic page of a step: it draws any step from its declaration and drives it to its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget

from screens.device_code import device_code_lines
from screens.fold import Fold
from screens.frame import Edge
from screens.lines import Lines, Menu
from screens.page import Heading
from screens.state import Phase
from screens.step import report
from screens.step.buttons import Button, Buttons, Push
from screens.step.commands import StepCommands
from screens.step.fields import FieldRow
from screens.step.rail import BLOCKED, rail_rows
from screens.style import Line, text, wrapped
from services.scenario.model import Kind
from services.scenario.validate import with_captions
from services.scenario.walk import DONE
from services.text import _, plain

TOLD = (Phase.BLOCKED, Phase.PLANNED, Phase.DOING, Phase.FAILED, Phase.DONE)
"""Phases whose report is brought into sight."""


class StepPage(StepCommands):
    """One step: rail, excerpt, fields, checks, plan, progress, buttons."""

    DEFAULT_CSS = """
    StepPage { layout: horizontal; }
    StepPage #rail { width: 27; height: 1fr; overflow-y: auto; scrollbar-size-vertical: 1; }
    StepPage #work { width: 1fr; height: 1fr; }
    StepPage #content { width: 1fr; height: 1fr; scrollbar-size-vertical: 1; }
    StepPage #fields { height: auto; margin-top: 1; }
    """

    @property
    def heading(self) -> Heading:
        steps = [step.id for step in self.view.steps]
        number = steps.index(self.step_id) + 1 if self.step_id in steps else 0
        where = _("step {number} of {all}").format(number=number, all=len(steps))
        return Heading(_(self.step.title), f"{self._word()}   {where}")

    def _word(self) -> str:
        words = {
            Phase.LOOKING: _("looking"),
            Phase.DOING: _("being done"),
            Phase.PLANNED: _("to be confirmed"),
            Phase.BLOCKED: _(BLOCKED),
            Phase.FAILED: _(BLOCKED),
        }
        if self.state.phase in words:
            return words[self.state.phase]
        states = {DONE: _("done"), "again": _("to be done again: an answer has changed"), "open": _("open")}
        return states[self.view.states.get(self.step_id, "open")]

    # Building ---------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        keys = _("Up/Down move  Enter go to step")
        yield Menu(
            self._rail,
            id="rail",
            hint=_("Every step can be looked at; each needs those before it."),
            keys=keys,
        )
        yield Edge(getattr(self.app, "bar", "|"))
        with Vertical(id="work"):
            with VerticalScroll(id="content", can_focus=False) as content:
                yield Lines(lambda width: wrapped(_(self.step.excerpt), width), id="excerpt")
                yield Vertical(*self._build_rows(), id="fields")
                yield Lines(self._report, id="report")
            yield Fold(content)
            yield Buttons()

    def on_mount(self) -> None:
        self._phase = self.state.phase
        self.query_one(Buttons).show(self._buttons(), self._main_button())
        self.query_one("#rail", Menu).mark(f"go {self.step_id}")
        if self.view.states.get(self.step_id) == DONE and self.state.phase is Phase.ASKING:
            self.desk.freshen(self.step)
        # What came while this page was being built is on the desk, not yet here.
        self.call_after_refresh(self.draw)

    def first_focus(self) -> Widget | None:
        """The first field that needs something, else the first field, else the button that leads on."""
        if self.state.phase in (Phase.PLANNED, Phase.DOING, Phase.LOOKING):
            return self.query_one(Buttons).push(self._main_button())
        before = self._focus_before()
        if before is not None:
            return before
        if not self._is_done():
            rows = [row for key, row in self._rows.items() if key in self.mistakes] or list(
                self._rows.values()
            )
            if rows:
                return rows[0].entry
        return self.query_one(Buttons).push(self._main_button())

    # Drawing ----------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Follow the desk: fields that have come or gone, rail, report, buttons."""
        self.call_next(self._follow)

    async def _follow(self) -> None:
        if not self.is_mounted:
            return
        await self._follow_fields()
        self._tell_what_was_left()
        self.query_one("#rail", Menu).draw_again()
        self.query_one("#report", Lines).draw_again()
        phase, before = self.state.phase, self._phase
        self._phase = phase
        moved = phase is not before
        self.query_one(Buttons).show(self._buttons(), self._main_button(), take=moved)
        if moved and phase in TOLD and not self._shows_guidance():
            self.call_after_refresh(self._show_report)
        self.post_message(self.Reframe())

    def _prefilled(self) -> bool:
        """Whether an acceptance stands there that nobody has typed: only the practice world suggests one."""
        rows = [row for row in self._rows.values() if row.item.kind is Kind.ACCEPTANCE]
        return any(row.value and row.value == self.view.answers.default(self._key(row)) for row in rows)

    def _key(self, row: FieldRow) -> str:
        return f"{self.step_id}.{row.item.key}"

    def _show_report(self) -> None:
        self.query_one("#content", VerticalScroll).scroll_to_widget(
            self.query_one("#report"), top=True, animate=False
        )

    def _rail(self, _width: int) -> Sequence[Any]:
        titles = {stage.id: stage.title for stage in self.view.answers.scenario.stages}
        stuck = {key for key, one in self.desk.steps.items() if one.phase in (Phase.BLOCKED, Phase.FAILED)}
        return rail_rows(self.view, titles, self.step, stuck)

    def _report(self, width: int) -> Sequence[Line]:
        state = self.state
        lines: list[Line] = []
        missing = self._missing()
        if missing and (self._tried or state.phase is Phase.ASKING):
            lines += [text(""), *wrapped(missing, width, "warn")]
        lines += [line for one in self._wrong_values() for line in wrapped(plain(one), width, "bad", "  ")]
        if self._prefilled():
            said = _("Filled in for the rehearsal. Outside practice you type it yourself.")
            lines += [text(""), *wrapped(said, width, "dim")]
        if state.stale:
            lines += [text(""), *wrapped(state.stale, width, "warn")]
        if state.device_code is not None:
            return [*lines, *device_code_lines(state.device_code, width)]
        if state.phase is not Phase.DOING:
            lines += report.check_lines(state, width)
        if state.phase is Phase.PLANNED and state.changes:
            lines += report.plan_lines(state, width)
            self._drawn = state.shown
        titles = {action.id: action.title for action, _plan in state.changes}
        if titles and state.phase in (Phase.DOING, Phase.FAILED, Phase.DONE) and state.actions:
            lines += report.progress_lines(state, titles, width)
        lines += report.problems_section(with_captions(state.problems, self.view.answers), width)
        if self._is_done() and self.step.left is not None:
            left = self.step.left(self.view.facts)
            lines += [text("")] if left else []
            lines += [line for one in left for line in wrapped(plain(one), width)]
        if self._shows_guidance():
            from screens.help import guidance_lines  # the first page needs none of it

            lines += guidance_lines(self.step_id, width)[1:]
        return lines

    def on_key(self, event: events.Key) -> None:
        """Page keys move the page, wherever the focus is."""
        if self.turn(event.key):
            event.stop()

    def turn(self, key: str) -> bool:
        content = self.query_one("#content", VerticalScroll)
        moves = {"pagedown": content.scroll_page_down, "pageup": content.scroll_page_up}
        if key in moves:
            moves[key](animate=False)
        return key in moves

    def do_more(self) -> None:
        """Show what comes next of a plan that is longer than the page."""
        self.turn("pagedown")

    def on_fold_looked(self, event: Fold.Looked) -> None:
        """A plan counts as read once its end was in sight."""
        event.stop()
        report = self.query_one("#report", Lines)
        drawn = report.size.height == len(report.lines)
        if (
            self.state.phase is Phase.PLANNED
            and drawn
            and not self.query_one(Fold).below
            and not self._read()
        ):
            self._seen = self._drawn
            self.draw()

    def _read(self) -> bool:
        """Whether the plan that stands here has been seen to its end."""
        return self._seen is self.state.shown

    @property
    def hint(self) -> str:
        return _("Tab goes to the fields; c checks this step.") if self._can_check() else ""

    # Buttons ----------------------------------------------------------------------------------------

    def _buttons(self) -> tuple[Button, ...]:
        phase = self.state.phase
        back = Button("back", _("Back"), _("To the page before; what was typed is kept."))
        if phase in (Phase.LOOKING, Phase.DOING):
            stop = Button(
                "stop", _("Stop waiting"), _("Nothing is undone; jobs in Azure go on and are found again.")
            )
            return (stop, back)
        if phase is Phase.PLANNED:
            later = Button("later", _("Not now"), _("Changes nothing."))
            if not self._read():
                return (
                    later,
                    Button("more", _("Read on"), _("The plan goes on below; its end confirms it.")),
                )
            return (later, Button("do", self._do_word(), report.needs_line(self.state)))
        next_hint = self._next_hint()
        if self._is_done():
            again = Button("check", _("Check again"), _("Looks again; what is as wished is left alone."))
            onward = Button("next", _("Next") if self._next_step() else _("Finish"), next_hint)
            return (
                (onward, back) if self._shows_guidance() and not self.step.fields else (onward, again, back)
            )
        word = _("Try again") if phase in (Phase.FAILED, Phase.BLOCKED) else self._check_word()
        hint = _("Looks, and shows a plan before anything is changed.")
        if self._shows_guidance():
            hint = _("Marks this step as done. Next then goes on.")
        if self._wrong_rows():
            hint = _("Goes to the first field that is wrong or empty.")
        return (Button("check", word, hint, self._can_check()), back)

    def _check_word(self) -> str:
        return _("Check") if self.step.checks or self.step.actions else _("Mark as done")

    def _do_word(self) -> str:
        kinds = {change.kind for _action, plan in self.state.changes for change in plan.changes}
        if kinds == {"create"}:
            return _("Create")
        return _("Wait for it") if kinds == {"wait"} else _("Do it")

    def _next_hint(self) -> str:
        following = self._next_step()
        if following is None:
            return _("Every step is done. Finish goes to the first page.")
        return _("Next: {title}").format(title=_(following.title))

    def _main_button(self) -> str:
        if self.state.phase is Phase.PLANNED:
            return "later"
        if self.state.phase in (Phase.LOOKING, Phase.DOING):
            return "stop"
        if self._is_done():
            return "next"
        return "check" if self._can_check() else "back"

    def on_push_pushed(self, event: Push.Pushed) -> None:
        event.stop()
        getattr(self, f"do_{event.name}")()
