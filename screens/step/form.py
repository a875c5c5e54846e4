"""The fields of a step on its page: built, followed, judged, and saved as drafts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual import events
from textual.containers import Vertical
from textual.widget import Widget

from screens.desk import Desk
from screens.page import Page
from screens.state import Phase, StepDesk, View
from screens.step.buttons import Buttons, Push
from screens.step.fields import FieldRow, Typed, make_row
from screens.step.machines import MachinesRow
from screens.step.secret_row import SecretRow
from services.problems.model import ProblemError, RefusedError
from services.scenario.model import Step
from services.text import _

DRAFT_SECONDS = 0.6
"""Typing that rests so long is saved; the promise is a second."""
AGAIN_SECONDS = 5.0
"""What could not be saved, on a full disk say, is tried again so often."""

MOST_CAPTION = 24


class StepForm(Page):
    """What a step asks. What is typed is kept within a second, and whenever a field is left."""

    def __init__(self, desk: Desk, step_id: str) -> None:
        super().__init__()
        self.desk = desk
        self.step_id = step_id
        self._rows: dict[str, FieldRow] = {}
        self._timer: Any = None
        self._again: Any = None
        self._unsaved: set[str] = set()
        self._phase: Phase | None = None
        self._tried = False
        self._left: Widget | None = None
        self._begun: set[str] = set()
        """Fields that were typed into since they got the focus: nobody is blamed while they type."""
        self._told: dict[str, Any] = {}
        """Values whose mistake was said when the field was left, by field key."""
        self._drawn: object = None
        """The plan that stands on the page."""
        self._seen: object = None
        """The plan whose end was in sight."""

    @property
    def view(self) -> View:
        assert self.desk.view is not None
        return self.desk.view

    @property
    def step(self) -> Step:
        return self.view.step(self.step_id) or self.view.answers.scenario.step(self.step_id)

    @property
    def state(self) -> StepDesk:
        return self.desk.step(self.step_id)

    @property
    def mistakes(self) -> Mapping[str, str]:
        return self.view.mistakes.get(self.step_id, {})

    def topic(self) -> str:
        return self.step_id

    def _build_rows(self) -> list[FieldRow]:
        captions = [len(_(item.caption)) for item in self.step.fields]
        self._caption_width = min(MOST_CAPTION, max(captions, default=0) + 4)
        self._rows = {
            item.key: make_row(item, self._given(item.key), self._caption_width)
            for item in self.step.fields
            if item.applies(self.view.answers)
        }
        return list(self._rows.values())

    async def _follow_fields(self) -> None:
        answers = self.view.answers
        wanted = [item for item in self.step.fields if item.applies(answers)]
        holder = self.query_one("#fields", Vertical)
        for key in [key for key in self._rows if key not in {item.key for item in wanted}]:
            await self._rows.pop(key).remove()
        for number, item in enumerate(wanted):
            value = self._given(item.key)
            if item.key in self._rows:
                if item.key not in self._unsaved and not self._rows[item.key].edited:
                    self._rows[item.key].refill(value)
            else:
                row = make_row(item, value, self._caption_width)
                self._rows[item.key] = row
                before = number if number < len(holder.children) else None
                await (holder.mount(row) if before is None else holder.mount(row, before=before))
        self._rows = {item.key: self._rows[item.key] for item in wanted}

    def _given(self, key: str) -> Any:
        """What was typed last, also where the journal could not take it yet."""
        return self.state.unkept.get(key, self.view.answers[f"{self.step_id}.{key}"])

    def _missing(self) -> str:
        """Which fields are empty that need a value."""
        empty = [row for row in self._wrong_rows() if row.value in ("", None, [])]
        captions = ", ".join(_(row.item.caption) for row in empty)
        return _("Still needed: {fields}").format(fields=captions) if captions else ""

    def _wrong_values(self) -> list[str]:
        """Why values that were given will not do, also while the focus is elsewhere."""
        here = self._row_with_focus()
        said: list[str] = []
        for row in self._wrong_rows():
            # A list of machines says its own mistakes, below its lines.
            typing = row is here and self._is_being_typed(row)
            if row.value not in ("", None, []) and not isinstance(row, MachinesRow) and not typing:
                first, *more = self._wrong(row).splitlines() or [""]
                said += [f"{_(row.item.caption)}: {first}", *more]
        return said

    def _wrong(self, row: FieldRow) -> str:
        return row.wrong or self.mistakes.get(row.item.key, "")

    def _wrong_rows(self) -> list[FieldRow]:
        return [row for row in self._rows.values() if self._wrong(row)]

    def _judge(self) -> None:
        """After what was typed is kept: to the first field that is wrong, or on to the check."""
        if not self.is_mounted:
            return
        wrong = self._wrong_rows()
        if wrong:
            wrong[0].entry.focus()
            self.draw()
        else:
            self.desk.check(self.step)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember where one is."""
        row = self._row_with_focus(event.widget)
        if row is not None:
            self.state.focus = f"field {row.item.key}"
            self._begun.discard(row.item.key)
        elif isinstance(event.widget, Push):
            self.state.focus = f"button {event.widget.button.name}"
        else:
            self.state.focus = event.widget.id or ""

    def _focus_before(self) -> Widget | None:
        """What had the focus before another page was opened over this one. A button may be another by now."""
        kind, _space, name = self.state.focus.partition(" ")
        if kind == "field" and name in self._rows:
            return self._rows[name].entry
        if kind == "button":
            buttons = self.query_one(Buttons)
            return buttons.push(name if name in buttons.names else self._main_button())
        return self.query_one("#rail") if kind == "rail" else None

    def _main_button(self) -> str:
        """The button that is the likeliest now."""
        raise TypeError(f"{type(self).__name__} has no buttons")

    def escape(self) -> None:
        """Esc leaves a field first; a second one goes back."""
        if self._row_with_focus() is not None:
            self.leave_field()
        else:
            self.do_back()

    def leave_field(self) -> None:
        """Letters act now; Tab comes back to the field."""
        self._left = self.screen.focused
        self.screen.set_focus(None)
        self.post_message(self.Reframe())

    def take_up(self) -> None:
        if self._left is not None and self._left.is_attached:
            self._left.focus()
        else:
            super().take_up()

    # Errors -----------------------------------------------------------------------------------------

    def error(self, focused: Widget | None) -> str:
        row = self._row_with_focus(focused)
        if row is None or (self._is_being_typed(row) and not row.wrong):
            return ""
        if row.value in ("", None, []) and not (row.wrong or row.touched or self._tried):
            return ""
        first, *more = self._wrong(row).splitlines() or [""]
        if more:
            first = _("{sentence} ({count} more below)").format(sentence=first, count=len(more))
        return f"{_(row.item.caption)}: {first}" if first else ""

    def _is_being_typed(self, row: FieldRow) -> bool:
        """Whether a value is on its way that was not judged before."""
        return row.item.key in self._begun and not (row.touched or self._tried)

    def _tell_what_was_left(self) -> None:
        """The mistake of a field that was just left, in the help line: its own line may be out of sight."""
        here = self._row_with_focus()
        for key, row in self._rows.items():
            wrong = self._wrong(row).partition("\n")[0]
            if not wrong or row.value in ("", None, []):
                self._told.pop(key, None)
            elif (
                row.touched
                and row is not here
                and key not in self._unsaved
                and self._told.get(key) != row.value
            ):
                self._told[key] = row.value
                self.post_message(self.Say(f"{_(row.item.caption)}: {wrong}"))

    def _row_with_focus(self, focused: Widget | None = None) -> FieldRow | None:
        widget = focused or self.screen.focused
        if widget is None:
            return None
        return next((node for node in widget.ancestors_with_self if isinstance(node, FieldRow)), None)

    # Drafts -----------------------------------------------------------------------------------------

    def on_typed(self, event: Typed) -> None:
        event.stop()
        if not event.leaving:
            self._begun.add(event.row.item.key)
        if event.row.edited:
            self._unsaved.add(event.row.item.key)
        self._forget_plan()
        if event.leaving or isinstance(event.row, MachinesRow):
            self.save_now()
            return
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DRAFT_SECONDS, self.save_now)

    def save_now(self) -> None:
        """Keep what was typed."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        values = {key: self._rows[key].value for key in self._unsaved if key in self._rows}
        changed = {key: value for key, value in values.items() if value != self._given(key)}
        for key in self._unsaved & self._rows.keys():
            self._rows[key].start = self._rows[key].value
        self._unsaved.clear()
        if changed:
            self.desk.save(self.step, changed, self._not_saved)

    def _not_saved(self, error: ProblemError) -> None:
        self.post_message(self.Say(error.problems[0].sentence()))
        self._not_yet(error)

    def _not_yet(self, error: ProblemError) -> None:
        """Try again soon, without a word; what is refused, as a console that only reads is, stays so."""
        if self._again is not None:
            self._again.stop()
        waits = self.is_mounted and not isinstance(error, RefusedError)
        self._again = self.set_timer(AGAIN_SECONDS, self._save_again) if waits else None

    def _save_again(self) -> None:
        self.desk.keep_rest(self._not_yet)

    def _forget_plan(self) -> None:
        """A plan is for the answers it was made with."""
        state = self.state
        if state.phase in (Phase.PLANNED, Phase.BLOCKED, Phase.FAILED, Phase.DONE) and self._changed():
            state.phase, state.findings, state.shown, state.problems = Phase.ASKING, [], [], ()

    def _changed(self) -> bool:
        answers = self.view.answers
        return any(
            self._rows[key].value != answers[f"{self.step_id}.{key}"]
            for key in self._unsaved
            if key in self._rows
        )

    def on_secret_row_secret(self, event: SecretRow.Secret) -> None:
        event.stop()
        key = f"{self.step_id}.{event.key}"
        if event.value:
            self.desk.keep_secret(key, event.value)
            self.post_message(self.Say(_("Kept in memory until you quit; the answer holds only 'prompt'.")))
        else:
            self.desk.forget_secret(key)
