"""The generic page of a step: it draws any step from its declaration and drives it to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.desk import Desk, Phase, StepDesk, View
from screens.device_code import device_code_lines
from screens.frame import Edge
from screens.guidance import guidance
from screens.lines import Lines, Menu
from screens.page import Heading, Page
from screens.reader import COPY
from screens.step import report
from screens.step.buttons import Button, Buttons, Push
from screens.step.fields import FieldRow, SecretRow, TextEntry, Typed, make_row
from screens.step.machines import MachinesRow
from screens.step.rail import rail_rows
from screens.style import Line, text, wrapped
from services.problems.model import ProblemError
from services.scenario.model import Step
from services.scenario.walk import DONE
from services.text import _, plain

DRAFT_SECONDS = 0.6
"""Typing that rests so long is saved; the promise is a second."""

MOST_CAPTION = 24
TOLD = (Phase.BLOCKED, Phase.PLANNED, Phase.DOING, Phase.FAILED, Phase.DONE)
"""Phases whose report is brought into sight."""

CHECK = Command("check", "c", "check", "Check this step and show its plan")
NEXT = Command("next", "n", "next", "Go to the next step")
GUIDE = Command("guide", "g", "guidance", "Read the guidance of this step")
DOCS = Command("docs", "d", "documentation", "Documentation of this step")
LIST = Command("list", "o", "options", "List what the field can be, from Azure", ("f2",))
FINDINGS = Command("findings", "f", "findings", "Show every finding with its evidence")
JOBS = Command("jobs", "j", "tasks", "Show the jobs and their tasks")
PROBLEM = Command("problem", "p", "problem", "Show the problem in full")
RAIL = Command("rail", "t", "steps", "Go to the list of steps")
ADD = Command("add", "a", "add", "Add a machine")
REMOVE = Command("remove", "x", "remove", "Remove the marked machine")
IMPORT = Command("import", "i", "import", "Take machines from a CSV file or an inventory")
STOP = Command("stop", "s", "stop", "Stop looking or waiting; jobs in Azure go on")


class StepPage(Page):
    """One step: rail, excerpt, fields, checks, plan, progress, buttons."""

    DEFAULT_CSS = """
    StepPage { layout: horizontal; }
    StepPage #rail { width: 27; height: 1fr; overflow-y: auto; scrollbar-size-vertical: 1; }
    StepPage #work { width: 1fr; height: 1fr; }
    StepPage #content { width: 1fr; height: 1fr; scrollbar-size-vertical: 1; }
    StepPage #fields { height: auto; margin-top: 1; }
    """

    def __init__(self, desk: Desk, step_id: str) -> None:
        super().__init__()
        self.desk = desk
        self.step_id = step_id
        self._rows: dict[str, FieldRow] = {}
        self._timer: Any = None
        self._unsaved: set[str] = set()
        self._phase: Phase | None = None
        self._tried = False

    # What it shows ----------------------------------------------------------------------------------

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
        }
        if self.state.phase in words:
            return words[self.state.phase]
        states = {DONE: _("done"), "again": _("to be done again: an answer has changed"), "open": _("open")}
        return states[self.view.states.get(self.step_id, "open")]

    @property
    def commands(self) -> tuple[Command, ...]:
        state, found = self.state, []
        if self.desk.busy:
            found.append(STOP)
        elif self._can_check():
            found.append(CHECK)
        if isinstance(self._row_with_focus(), MachinesRow):
            found += [ADD, REMOVE, IMPORT]
        row = self._row_with_focus()
        if row is not None and row.item.offer is not None and not isinstance(row, MachinesRow):
            found.append(LIST)
        found += [COPY] if state.device_code else []
        found += [FINDINGS] if state.findings else []
        found += [JOBS] if state.jobs else []
        found += [PROBLEM] if state.problems else []
        found += [NEXT] if self._is_done() else []
        return (*found, GUIDE, DOCS, BACK, RAIL)

    def topic(self) -> str:
        return self.step_id

    def places(self) -> Sequence[tuple[str, Callable[[], None]]]:
        """Every step, by its title."""
        steps = [step for step in self.view.steps if step.id != self.step_id]
        return [
            (_("Step: {title}").format(title=_(step.title)), partial(self._go, step.id)) for step in steps
        ]

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
            with VerticalScroll(id="content", can_focus=False):
                yield Lines(lambda width: wrapped(_(self.step.excerpt), width), id="excerpt")
                yield Vertical(*self._build_rows(), id="fields")
                yield Lines(self._report, id="report")
            yield Buttons()

    def _build_rows(self) -> list[FieldRow]:
        answers = self.view.answers
        captions = [len(_(item.caption)) for item in self.step.fields]
        self._caption_width = min(MOST_CAPTION, max(captions, default=0) + 4)
        self._rows = {
            item.key: make_row(item, answers[f"{self.step_id}.{item.key}"], self._caption_width)
            for item in self.step.fields
            if item.applies(answers)
        }
        return list(self._rows.values())

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
        if self.state.phase not in (Phase.PLANNED, Phase.DOING, Phase.LOOKING) and not self._is_done():
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
        self.query_one("#rail", Menu).draw_again()
        self.query_one("#report", Lines).draw_again()
        phase, before = self.state.phase, self._phase
        self._phase = phase
        moved = phase is not before
        self.query_one(Buttons).show(self._buttons(), self._main_button(), take=moved)
        if moved and phase in TOLD and not self._shows_guidance():
            self.call_after_refresh(self._show_report)
        self.post_message(self.Reframe())

    def _show_report(self) -> None:
        self.query_one("#content", VerticalScroll).scroll_to_widget(
            self.query_one("#report"), top=True, animate=False
        )

    async def _follow_fields(self) -> None:
        answers = self.view.answers
        wanted = [item for item in self.step.fields if item.applies(answers)]
        holder = self.query_one("#fields", Vertical)
        for key in [key for key in self._rows if key not in {item.key for item in wanted}]:
            await self._rows.pop(key).remove()
        for number, item in enumerate(wanted):
            value = answers[f"{self.step_id}.{item.key}"]
            if item.key in self._rows:
                if item.key not in self._unsaved and not self._rows[item.key].edited:
                    self._rows[item.key].refill(value)
            else:
                row = make_row(item, value, self._caption_width)
                self._rows[item.key] = row
                before = number if number < len(holder.children) else None
                await (holder.mount(row) if before is None else holder.mount(row, before=before))
        self._rows = {item.key: self._rows[item.key] for item in wanted}

    def _rail(self, _width: int) -> Sequence[Any]:
        titles = {stage.id: stage.title for stage in self.view.answers.scenario.stages}
        return rail_rows(self.view, titles, self.step)

    def _report(self, width: int) -> Sequence[Line]:
        state = self.state
        lines: list[Line] = []
        missing = self._missing()
        if missing and (self._tried or state.phase is Phase.ASKING):
            lines += [text(""), *wrapped(missing, width, "warn")]
        if state.stale:
            lines += [text(""), *wrapped(state.stale, width, "warn")]
        if state.device_code is not None:
            return [*lines, *device_code_lines(state.device_code, width)]
        if state.phase is not Phase.DOING:
            lines += report.check_lines(state, width)
        if state.phase is Phase.PLANNED and state.changes:
            lines += report.plan_lines(state, width)
        titles = {action.id: action.title for action, _plan in state.changes}
        if titles and state.phase in (Phase.DOING, Phase.FAILED, Phase.DONE) and state.actions:
            lines += report.progress_lines(state, titles, width)
        lines += report.problems_section(state.problems, width)
        if self._shows_guidance():
            body = guidance(self.step_id).splitlines()[1:]
            lines += [text(line, "bold" if line.startswith("#") else "") for line in body]
        return lines

    def _shows_guidance(self) -> bool:
        """Steps whose point is to be read have their guidance on the page."""
        return not (self.step.checks or self.step.actions)

    def _missing(self) -> str:
        captions = [_(self._rows[key].item.caption) for key in self.mistakes if key in self._rows]
        if not captions:
            return ""
        return _("Still needed: {fields}").format(fields=", ".join(captions))

    @property
    def lead(self) -> str:
        """Whether there is more to read than fits."""
        content = self.query_one("#content", VerticalScroll)
        return _("PgDn more") if content.max_scroll_y > content.scroll_offset.y else ""

    def on_key(self, event: events.Key) -> None:
        """Page keys move the page, wherever the focus is."""
        content = self.query_one("#content", VerticalScroll)
        moves = {"pagedown": content.scroll_page_down, "pageup": content.scroll_page_up}
        if event.key in moves:
            event.stop()
            moves[event.key](animate=False)
            self.call_after_refresh(self.post_message, self.Reframe())

    # Help and errors --------------------------------------------------------------------------------

    @property
    def hint(self) -> str:
        return _("Tab goes to the fields; c checks this step.") if self._can_check() else ""

    def error(self, focused: Widget | None) -> str:
        row = self._row_with_focus(focused)
        if row is None or not (row.touched or self._tried):
            return ""
        wrong = self.mistakes.get(row.item.key, "")
        return f"{_(row.item.caption)}: {wrong}" if wrong else ""

    def _row_with_focus(self, focused: Widget | None = None) -> FieldRow | None:
        widget = focused or self.screen.focused
        if widget is None:
            return None
        return next((node for node in widget.ancestors_with_self if isinstance(node, FieldRow)), None)

    # Drafts -----------------------------------------------------------------------------------------

    def on_typed(self, event: Typed) -> None:
        event.stop()
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
        answers = self.view.answers
        values = {key: self._rows[key].value for key in self._unsaved if key in self._rows}
        changed = {key: value for key, value in values.items() if value != answers[f"{self.step_id}.{key}"]}
        for key in self._unsaved & self._rows.keys():
            self._rows[key].start = self._rows[key].value
        self._unsaved.clear()
        if changed:
            self.desk.save(self.step, changed, self._not_saved)

    def _not_saved(self, error: ProblemError) -> None:
        self.post_message(self.Say(error.problems[0].sentence()))

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
        self.desk.keep_secret(f"{self.step_id}.{event.key}", event.value)
        self.post_message(self.Say(_("Kept in memory until you quit; the answer holds only 'prompt'.")))

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
            return (later, Button("do", self._do_word(), report.needs_line(self.state)))
        next_hint = self._next_hint()
        if self._is_done():
            again = Button("check", _("Check again"), _("Looks again; what is as wished is left alone."))
            onward = Button("next", _("Next"), next_hint)
            return (
                (onward, back) if self._shows_guidance() and not self.step.fields else (onward, again, back)
            )
        word = _("Try again") if phase in (Phase.FAILED, Phase.BLOCKED) else self._check_word()
        hint = self._missing() or _("Looks, and shows a plan before anything is changed.")
        return (Button("check", word, hint, self._can_check()), back)

    def _check_word(self) -> str:
        return _("Check") if self.step.checks or self.step.actions else _("Done, go on")

    def _do_word(self) -> str:
        kinds = {change.kind for _action, plan in self.state.changes for change in plan.changes}
        if kinds == {"create"}:
            return _("Create")
        return _("Wait for it") if kinds == {"wait"} else _("Do it")

    def _next_hint(self) -> str:
        following = self._next_step()
        if following is None:
            return _("That was the last step.")
        return _("Next: {title}").format(title=_(following.title))

    def _main_button(self) -> str:
        if self.state.phase is Phase.PLANNED:
            return "later"
        if self.state.phase in (Phase.LOOKING, Phase.DOING):
            return "stop"
        if self._is_done():
            return "next"
        return "check" if self._can_check() else "back"

    def _is_done(self) -> bool:
        return self.view.states.get(self.step_id) == DONE and self.state.phase in (Phase.ASKING, Phase.DONE)

    def _can_check(self) -> bool:
        return not self.desk.busy and not self.mistakes

    def on_push_pushed(self, event: Push.Pushed) -> None:
        event.stop()
        getattr(self, f"do_{event.name}")()

    # Commands ---------------------------------------------------------------------------------------

    def do_check(self) -> None:
        self._tried = True
        self.save_now()
        self.desk.check(self.step)

    def do_do(self) -> None:
        self.desk.do(self.step)

    def do_later(self) -> None:
        self.state.phase = Phase.ASKING
        self.draw()

    def do_stop(self) -> None:
        self.desk.stop()
        self.post_message(self.Say(_("Stopping; jobs in Azure go on and are found again.")))

    def do_next(self) -> None:
        following = self._next_step()
        if following is not None:
            self._go(following.id)

    def _next_step(self) -> Step | None:
        steps = list(self.view.steps)
        ids = [step.id for step in steps]
        place = ids.index(self.step_id) if self.step_id in ids else -1
        return steps[place + 1] if place + 1 < len(steps) else None

    def _go(self, step_id: str) -> None:
        self.save_now()
        self.post_message(self.Go(lambda: StepPage(self.desk, step_id)))

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        verb, _space, step_id = event.key.partition(" ")
        if verb == "go" and step_id != self.step_id:
            event.stop()
            self._go(step_id)

    def do_back(self) -> None:
        self.save_now()
        self.post_message(self.Back())

    def on_text_entry_left(self, event: TextEntry.Left) -> None:
        """Esc in a field: letters act now."""
        event.stop()
        self.screen.set_focus(None)
        self.post_message(self.Reframe())

    def do_copy(self) -> None:
        if self.state.device_code is not None:
            self.post_message(self.Copy(plain(str(self.state.device_code["code"]))))

    def do_rail(self) -> None:
        self.query_one("#rail", Menu).focus()

    def do_guide(self) -> None:
        from screens.help import guidance_page

        self.post_message(self.Go(guidance_page(self.step_id)))

    def do_docs(self) -> None:
        from screens.help import documentation

        self.post_message(self.Go(documentation(self.step_id, self.view.answers.scenario.id)))

    def do_findings(self) -> None:
        from screens.findings import FindingsPage

        self.post_message(self.Go(lambda: FindingsPage(self.desk, self.step_id)))

    def do_jobs(self) -> None:
        from screens.jobs import JobsPage

        self.post_message(self.Go(lambda: JobsPage(self.desk, self.step_id)))

    def do_problem(self) -> None:
        from screens.problem import ProblemPage

        problems = self.state.problems
        self.post_message(self.Go(lambda: ProblemPage(problems)))

    def do_list(self) -> None:
        from screens.offers import OffersPage

        row = self._row_with_focus()
        if row is not None and row.item.offer is not None:
            self.save_now()
            item = row.item
            self.post_message(self.Go(lambda: OffersPage(self.desk, self.step_id, item)))

    def do_add(self) -> None:
        self._machines().add()

    def do_remove(self) -> None:
        self._machines().drop()

    def do_import(self) -> None:
        from screens.offers import OffersPage

        item = self._machines().item
        self.save_now()
        self.post_message(self.Go(lambda: OffersPage(self.desk, self.step_id, item)))

    def _machines(self) -> MachinesRow:
        return next(row for row in self._rows.values() if isinstance(row, MachinesRow))
