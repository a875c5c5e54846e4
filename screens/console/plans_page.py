"""Recovery plans: which there are, their groups and actions, and editing them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.console import words
from screens.console.commands import JOBS, LOOK
from screens.console.plan_rows import plan_rows, titles_of
from screens.console.vault_desk import VaultDesk
from screens.fold import Fold
from screens.lines import Lines
from screens.page import Heading, Page
from screens.reader import Text
from screens.style import Cell, Line, cell, column, text
from screens.table import Table
from screens.welcome import problem_lines
from services.text import _, plain

if TYPE_CHECKING:
    from services.problems.model import Problem, ProblemError
    from services.recovery.plans import RecoveryPlan
    from services.recovery.vault import Vault
    from services.world.deadline import Deadline

NEW = Command("new", "n", "new", "A new recovery plan from the picked items")
EDIT = Command("edit", "enter", "edit", "Edit groups, order and actions")


class PlansPage(Page):
    """A table of recovery plans; the marked one in full below."""

    DEFAULT_CSS = """
    PlansPage #news { height: auto; max-height: 6; }
    PlansPage Table { height: 1fr; margin-bottom: 1; }
    PlansPage #groups { height: 2fr; overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    def __init__(self, console: VaultDesk) -> None:
        super().__init__()
        self.console = console
        self._back_to = console.plans_left.mark
        self._plans: dict[str, RecoveryPlan] | None = None
        self._trouble: tuple[Problem, ...] = ()

    def compose(self) -> ComposeResult:
        yield Lines(self._news, id="news")
        yield Table(self._row, hint=_("Enter edits the marked recovery plan."), keys=_("Up/Down move"))
        groups = Lines(self._groups, id="groups")
        groups.bar = Text.bar
        yield groups
        yield Fold(groups, more=_("Enter"))

    def on_mount(self) -> None:
        self.do_look()

    @property
    def heading(self) -> Heading:
        if self._plans is None:
            return Heading(_("Recovery plans"), _("looking ..."))
        return Heading(_("Recovery plans"), words.several(len(self._plans), _("1 plan"), _("{count} plans")))

    @property
    def marked(self) -> RecoveryPlan | None:
        return (self._plans or {}).get(self.query_one(Table).marked)

    @property
    def commands(self) -> tuple[Command, ...]:
        from screens.console.plan_errands import verb_commands

        found = verb_commands(self.marked, self.console.cut_off) if self.marked is not None else ()
        edit = (EDIT,) if self.marked is not None else ()
        return (*found, *edit, NEW, JOBS, LOOK, BACK)

    def first_focus(self) -> Widget | None:
        return self.query_one(Table)

    def draw(self) -> None:
        self.query_one("#groups", Lines).draw_again()
        self.post_message(self.Reframe())

    def do_look(self) -> None:
        self.console.ask("plans", _read, self._arrived, self._failed)

    def _arrived(self, found: list[RecoveryPlan]) -> None:
        self._plans, self._trouble = {one.id: one for one in found}, ()
        self._show()

    def _failed(self, error: ProblemError) -> None:
        self._trouble = error.problems
        self._show()

    def _show(self) -> None:
        if self.is_mounted:
            self.query_one("#news", Lines).draw_again()
            self.query_one(Table).show(list(self._plans or ()), self._back_to)
            self._back_to = "" if self._plans else self._back_to
            self.draw()

    def on_table_marked(self, event: Table.Marked) -> None:
        event.stop()
        self.console.plans_left.mark = event.key
        self.draw()

    def on_table_chosen(self, event: Table.Chosen) -> None:
        event.stop()
        self.do_edit()

    def run(self, command: Command) -> bool:
        if command.id.startswith("verb-") and self.marked is not None:
            from screens.console.errand_page import ErrandPage
            from screens.console.plan_errands import errands_of

            errand = errands_of(self.marked)[command.id.removeprefix("verb-")]()
            self.post_message(self.Go(lambda: ErrandPage(self.console, errand)))
            return True
        return super().run(command)

    def do_edit(self) -> None:
        from screens.console.plan_edit_page import PlanEditPage

        shown = self.marked
        if shown is not None:
            self.post_message(self.Go(lambda: PlanEditPage(self.console, shown)))

    def do_jobs(self) -> None:
        from screens.console.jobs_page import VaultJobsPage

        self.post_message(self.Go(lambda: VaultJobsPage(self.console)))

    def do_new(self) -> None:
        from screens.console.plan_edit_page import PlanEditPage
        from services.problems.model import RefusedError
        from services.recovery.plan_draft import new_plan

        seen, vault = self.console.seen, self.console.vault
        if seen is None or vault is None:
            return
        items = tuple(item for id_, item in seen.items.items() if id_ in self.console.marked)
        try:
            made = new_plan(vault, _free_name({one.name for one in (self._plans or {}).values()}), items)
        except RefusedError as error:
            self._trouble = error.problems
            self._show()
            return
        self.console.drafts.pop(made.id.lower(), None)
        self.post_message(self.Go(lambda: PlanEditPage(self.console, made, new=True)))

    # Drawing ----------------------------------------------------------------------------------------

    def _news(self, width: int) -> Sequence[Line]:
        lines = [line for problem in self._trouble for line in problem_lines(problem, width)]
        if self._plans == {}:
            lines.append(text(_("There are no recovery plans in this vault."), "dim"))
        return lines

    def _row(self, key: str, width: int) -> Line:
        from services.recovery.verbs import verbs

        one = (self._plans or {})[key]
        name = max(10, min(28, width * 36 // 100))
        machines = words.several(len(one.members), _("1 machine"), _("{count} machines"))
        possible = " ".join(verb.id for verb in verbs() if verb.operation in one.allowed)
        return (
            cell(plain(one.name), name),
            column(machines, 14),
            self._stands(one, 18),
            column(possible, max(0, width - name - 14 - 18), "dim"),
        )

    def _stands(self, one: RecoveryPlan, width: int) -> Cell:
        """What runs on it, whether a draft of it waits to be written, else its last drill."""
        if one.busy:
            return cell(words.scenario(one.scenario), width, "accent")
        draft = self.console.drafts.get(one.id.lower())
        if draft is not None and draft.plan.groups != one.groups:
            return column(_("not written yet"), width, "warn")
        vault = self.console.vault
        drill = words.ago(one.last_drill, vault.world.clock.now()) if vault is not None else ""
        return column(_("drill {ago}").format(ago=drill) if drill else "", width)

    def _groups(self, width: int) -> Sequence[Line]:
        one = self.marked if self.is_mounted else None
        if one is None:
            return []
        rows = plan_rows(one, titles_of(self.console), width)
        return [line for _place, lines in rows for line in lines]


def _read(vault: Vault, _deadline: Deadline) -> list[RecoveryPlan]:
    from services.recovery.plans import recovery_plans

    return recovery_plans(vault)


def _free_name(taken: set[str]) -> str:
    number = 1
    while f"plan-{number}" in taken:
        number += 1
    return f"plan-{number}"
