"""What can be done on the page of findings: one declaration and one method for each command."""

from __future__ import annotations

from textual.widget import Widget

from screens.commands import BACK, Command
from screens.desk import Desk
from screens.lines import Menu
from screens.page import Page
from screens.state import Phase, StepDesk
from services.problems.model import ProblemError
from services.readiness.fixes.records import INTENDED, Kept
from services.readiness.model import Finding, Status
from services.scenario.model import Step
from services.text import _, plain

FILTER = Command("filter", "f", "filter", "Show all, what is not ok, or one state")
FIX = Command("fix", "x", "fix", "Fix the marked finding: show the change, then make it with consent")
FIX_ALL = Command("fix-all", "a", "fix all", "Fix all findings of this kind, on all machines")
UNDO = Command("undo", "u", "undo", "Take back a fix that was made")
KEYS = Command("keys", "h", "host keys", "Compare and accept host keys that were never seen here")
AGAIN = Command("again", "r", "again", "Check the marked machine again")
CHECK = Command("check", "c", "all", "Check all machines again")
WAIVE = Command("waive", "v", "waive", "Accept the marked finding in writing")
EXPORT = Command("export", "o", "export", "Write the findings as JSON, CSV and Markdown")
EVIDENCE = Command("evidence", "e", "evidence", "Show the evidence of the marked row in full")
STOP = Command("stop", "s", "stop", "Stop looking")
SWEPT = "readiness"
"""The step whose findings come from the sweep of the machines."""
MENDABLE = (Status.FAILED, Status.WARNING)
UNMET = "host-key-unknown:"
"""Begins the evidence of a machine whose host key nobody has accepted."""


def unsettle(state: StepDesk) -> None:
    """What was planned rests on other findings: the step is to be checked again."""
    if state.phase is not Phase.DONE:
        state.phase, state.shown = Phase.ASKING, []


class FindingCommands(Page):
    """The commands of findings."""

    desk: Desk
    step_id: str
    target: str
    states_shown = ""

    @property
    def step(self) -> Step:
        assert self.desk.view is not None
        return self.desk.view.answers.scenario.step(self.step_id)

    @property
    def groups(self) -> dict[str, list[Finding]]:
        """The findings by row."""
        raise LookupError

    @property
    def marked(self) -> Finding | None:
        """The finding that commands act on."""
        return None

    @property
    def filters(self) -> list[str]:
        """The states that can be shown."""
        return [""]

    @property
    def machines(self) -> list[str]:
        """The names of the machines that the sweep visits."""
        return list(self.desk.step(self.step_id).systems) if self.step_id == SWEPT else []

    @property
    def standing(self) -> list[Kept]:
        """The fixes that stand, of the machine that is shown or of all."""
        kept = self.desk.step(self.step_id).standing
        return [one for one in kept if self.target in ("", one.undo.machine)]

    @property
    def cut_off(self) -> str:
        """The sentence that says which fixes were cut off; empty where none was."""
        names = [f"{one.undo.machine}, {one.undo.fix}" for one in self.standing if one.state == INTENDED]
        if not names:
            return ""
        said = _("Cut off while it was made: {names}. u takes it back or finishes it.")
        return said.format(names=plain("; ".join(names), 120))

    @property
    def unmet(self) -> tuple[str, ...]:
        """The machines whose host key was never seen here."""
        known = set(self.machines)
        return tuple(
            one.target
            for one in self.desk.step(self.step_id).findings
            if one.target in known and any(item.output.startswith(UNMET) for item in one.evidence)
        )

    @property
    def looking_again(self) -> bool:
        """Whether a machine is being checked again."""
        return self.desk.busy and self.desk.busy_step == self.step_id

    @property
    def commands(self) -> tuple[Command, ...]:
        if self.desk.busy:
            return (STOP, FILTER, EVIDENCE, BACK)
        marked = self.marked if self.is_mounted else None
        found = [FILTER]
        found += self._fixes(marked)
        found += [UNDO] if self.standing else []
        found += [KEYS] if self.unmet else []
        found += [AGAIN] if marked is not None and marked.target in self.machines else []
        found.append(CHECK)
        found += [WAIVE] if marked is not None and marked.status in (Status.FAILED, Status.UNKNOWN) else []
        return (*found, EXPORT, EVIDENCE, BACK)

    def _fixes(self, marked: Finding | None) -> list[Command]:
        if marked is None or marked.status not in MENDABLE or not self._has_fix(marked):
            return []
        found = self.desk.step(self.step_id).findings
        alike = [one for one in found if one.id == marked.id and one.status in MENDABLE]
        return [FIX, FIX_ALL] if len(alike) > 1 else [FIX]

    def _has_fix(self, one: Finding) -> bool:
        from services.scenario.mending import has_fix

        return has_fix(self.desk.step(self.step_id).systems, one)

    def recall(self) -> None:
        """What the journal knows: findings of an earlier start, and the fixes that stand."""
        from screens.fixing import Known, known_again

        state = self.desk.step(self.step_id)

        def then(known: Known) -> None:
            findings, state.standing, state.systems = known
            if not state.findings and not self.desk.busy:
                state.findings = findings

        self.desk.recall(known_again(self.step), then)

    def remember_place(self) -> None:
        """Keep the mark for when one comes back from another page."""
        self.desk.step(self.step_id).place[self.target] = self.query_one(Menu).marked, self.states_shown

    def run(self, command: Command) -> bool:
        """Do what a command asks; it may lead to another page."""
        self.remember_place()
        return super().run(command)

    # What the letters do ----------------------------------------------------------------------------

    def do_filter(self) -> None:
        known = self.filters
        place = known.index(self.states_shown) if self.states_shown in known else -1
        self.states_shown = known[(place + 1) % len(known)]
        self.draw()
        self.post_message(self.Reframe())

    def do_check(self) -> None:
        self.desk.check(self.step)

    def do_stop(self) -> None:
        self.desk.stop()

    def do_again(self) -> None:
        one, step = self.marked, self.step
        if one is None:
            return
        state, target = self.desk.step(self.step_id), one.target
        state.live = {target: {}}

        def then(findings: list[Finding]) -> None:
            state.findings = findings
            unsettle(state)

        from services.scenario.recheck import look_again

        self.desk.borrow(
            step,
            "again",
            lambda walk, deadline: look_again(walk, step, [target], deadline),
            then,
            self._failed,
        )

    def _failed(self, error: ProblemError) -> None:
        if self.is_mounted and error.problems:
            self.post_message(self.Say(plain(error.problems[0].sentence())))

    def do_evidence(self) -> None:
        from screens.finding_lines import all_evidence
        from screens.reader import page_of

        ones = self.groups.get(self.query_one(Menu).marked)
        if ones:
            title = _("Evidence: {target}").format(target=plain(ones[0].target))
            self.post_message(self.Go(page_of(title, lambda width: all_evidence(ones, width))))

    def do_waive(self) -> None:
        from screens.waive import WaivePage

        one = self.marked
        if one is not None:
            self.post_message(self.Go(lambda: WaivePage(self.desk, self.step, one)))

    def do_export(self) -> None:
        from screens.finding_export import ExportPage

        self.post_message(self.Go(lambda: ExportPage(self.desk, self.step)))

    def do_fix(self) -> None:
        one = self.marked
        if one is not None:
            self._mend(one, (one.target,))

    def do_fix_all(self) -> None:
        one = self.marked
        if one is not None:
            found = self.desk.step(self.step_id).findings
            alike = [each for each in found if each.id == one.id and each.status in MENDABLE]
            self._mend(one, tuple(each.target for each in alike if self._has_fix(each)))

    def _mend(self, one: Finding, targets: tuple[str, ...]) -> None:
        from screens.fixing import FixJob, FixPage

        job = FixJob(one.id, targets)
        self.post_message(self.Go(lambda: FixPage(self.desk, self.step, job)))

    def do_keys(self) -> None:
        from screens.finding_keys import KeysPage

        targets = self.unmet
        self.post_message(self.Go(lambda: KeysPage(self.desk, self.step, targets)))

    def do_undo(self) -> None:
        from screens.fixing_back import UndoPage

        self.post_message(self.Go(lambda: UndoPage(self.desk, self.step, self.target)))

    def first_focus(self) -> Widget | None:
        return self.query_one(Menu)
