"""What can be done on the page of a step: one declaration and one method for each command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from screens.commands import BACK, Command
from screens.finding_commands import SWEPT
from screens.lines import Menu
from screens.reader import COPY
from screens.state import Phase
from screens.step.fields import FieldRow, TextEntry
from screens.step.form import StepForm
from screens.step.machines import MachinesRow
from services.scenario.model import Step
from services.scenario.validate import with_captions
from services.scenario.walk import DONE
from services.text import _, plain

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
UNDO = Command("undo", "u", "undo", "Put the machine back that was removed last")
IMPORT = Command("import", "i", "import", "Take machines from a CSV file or an inventory")
STOP = Command("stop", "s", "stop", "Stop looking or waiting; jobs in Azure go on")


class StepCommands(StepForm):
    """The commands of a step."""

    @property
    def commands(self) -> tuple[Command, ...]:
        state, found = self.state, []
        if self.desk.busy:
            found.append(STOP)
        elif self._can_check():
            found.append(CHECK)
        row = self._row_here()
        if isinstance(row, MachinesRow):
            found += [ADD, REMOVE, *([UNDO] if row.dropped else []), IMPORT]
        if row is not None and row.item.offer is not None and not isinstance(row, MachinesRow):
            found.append(LIST)
        found += [COPY] if state.device_code else []
        found += [FINDINGS] if state.findings or self.step_id == SWEPT else []
        found += [JOBS] if state.jobs else []
        found += [PROBLEM] if state.problems else []
        found += [NEXT] if self._is_done() else []
        return (*found, GUIDE, DOCS, BACK, RAIL)

    def places(self) -> Sequence[tuple[str, Callable[[], None]]]:
        """Every step, by its title."""
        steps = [step for step in self.view.steps if step.id != self.step_id]
        return [
            (_("First page"), self.do_home),
            *((_("Step: {title}").format(title=_(step.title)), partial(self._go, step.id)) for step in steps),
        ]

    def impossible(self) -> Sequence[tuple[Command, str]]:
        reasons = (
            (CHECK, _("a step is being checked or done; s stops that.")),
            (STOP, _("nothing is being looked at or waited for.")),
            (FINDINGS, _("nothing was found yet; check this step first.")),
            (JOBS, _("this step has started no job yet.")),
            (PROBLEM, _("there is no problem.")),
            (NEXT, _("this step is not done yet; check it first.")),
            (LIST, _("the field with the focus has no list.")),
        )
        possible = self.commands
        return [(command, why) for command, why in reasons if command not in possible]

    def _is_done(self) -> bool:
        return self.view.states.get(self.step_id) == DONE and self.state.phase in (Phase.ASKING, Phase.DONE)

    def _can_check(self) -> bool:
        return not self.desk.busy

    def _shows_guidance(self) -> bool:
        """Steps whose point is to be read have their guidance on the page."""
        return not (self.step.checks or self.step.actions)

    def do_check(self) -> None:
        """Check, once what was typed is kept and judged."""
        self._tried = True
        self.save_now()
        self.desk.workers.note("judge", lambda: None, lambda _none: self._judge(), self._not_saved)

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
        else:
            self.post_message(self.Home())

    def _next_step(self) -> Step | None:
        steps = list(self.view.steps)
        ids = [step.id for step in steps]
        place = ids.index(self.step_id) if self.step_id in ids else -1
        # After the last one, what was left open on the way.
        return steps[place + 1] if place + 1 < len(steps) else self.view.current

    def _go(self, step_id: str) -> None:
        self.save_now()
        self.state.focus = ""
        self.post_message(self.Go(lambda: type(self)(self.desk, step_id), replace=True))

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        verb, _space, step_id = event.key.partition(" ")
        if verb == "go" and step_id != self.step_id:
            event.stop()
            self._go(step_id)

    def do_back(self) -> None:
        """To the step before, however this one was reached; from the first one to the first page."""
        before = self._step_before()
        if before is not None:
            self._go(before.id)
        else:
            self.do_home()

    def do_home(self) -> None:
        self.save_now()
        self.state.focus = ""
        self.post_message(self.Home())

    def _step_before(self) -> Step | None:
        steps = list(self.view.steps)
        place = next((number for number, step in enumerate(steps) if step.id == self.step_id), 0)
        return steps[place - 1] if place > 0 else None

    def on_text_entry_left(self, event: TextEntry.Left) -> None:
        """Esc in a field: letters act now."""
        event.stop()
        self.leave_field()

    def do_copy(self) -> None:
        if self.state.device_code is not None:
            self.post_message(self.Copy(plain(str(self.state.device_code["code"]))))

    def do_rail(self) -> None:
        rail = self.query_one("#rail", Menu)
        # On a narrow terminal the list takes the place of the step.
        self.set_class(self.screen.has_class("narrow"), "rail-asked")
        self.call_after_refresh(rail.focus)

    def escape(self) -> None:
        if self.has_class("rail-asked"):
            self.set_class(False, "rail-asked")
            self.call_after_refresh(self.take_up)
        else:
            super().escape()

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

        problems = with_captions(self.state.problems, self.view.answers)
        self.post_message(self.Go(lambda: ProblemPage(problems)))

    def do_list(self) -> None:
        from screens.offers import OffersPage

        row = self._row_here()
        if row is not None and row.item.offer is not None:
            self.save_now()
            item = row.item
            self.post_message(self.Go(lambda: OffersPage(self.desk, self.step_id, item)))

    def _row_here(self) -> FieldRow | None:
        """The field with the focus, or the one that Esc has just left."""
        here = self.screen.focused or self._left
        return self._row_with_focus(here) if here is not None and here.is_attached else None

    def do_add(self) -> None:
        self._machines().add()

    def do_remove(self) -> None:
        name = self._machines().drop()
        if name:
            self.post_message(self.Say(_("Removed: {name}. u puts it back.").format(name=name)))

    def do_undo(self) -> None:
        name = self._machines().put_back()
        if name:
            self.post_message(self.Say(_("Back in the list: {name}.").format(name=name)))

    def do_import(self) -> None:
        from screens.offers import OffersPage

        item = self._machines().item
        self.save_now()
        self.post_message(self.Go(lambda: OffersPage(self.desk, self.step_id, item)))

    def _machines(self) -> MachinesRow:
        return next(row for row in self._rows.values() if isinstance(row, MachinesRow))
