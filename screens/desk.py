"""What the pages show of the steps: what each is checked for, what is done, and long work of a page.

One step at a time is worked on; its results come back by messages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from screens.desk_book import BookDesk, unforeseen
from screens.messages import Moved
from screens.state import Phase
from services.problems.model import CancelledError, ProblemError
from services.world.deadline import Deadline

if TYPE_CHECKING:
    from services.changes.plan import Plan
    from services.readiness.model import Finding, Waiver
    from services.scenario.model import Action, Choice, Field, Step
    from services.scenario.walk import Walk

Result = TypeVar("Result")
OFFER_SECONDS = 40.0
"""Real seconds that a list of choices may take to arrive."""


@dataclass
class Looked:
    """What a check of a step has found."""

    wrong: dict[str, str]
    findings: list[Finding]
    blocked: bool
    shown: list[tuple[Action, Plan]]


class Desk(BookDesk):
    """The state of one run of the program, and the work on its steps."""

    @property
    def busy(self) -> bool:
        """Whether a step is being checked or done; one at a time."""
        return self.deadline is not None

    def check(self, step: Step) -> None:
        """Validate, look, plan. Where nothing is to be changed, the step is finished at once."""
        walk, desk = self._walk, self.step(step.id)
        if walk is None or self.busy:
            return
        deadline = self._set_out(step, Phase.LOOKING)
        desk.findings, desk.shown, desk.problems, desk.stale, desk.looked = [], [], (), "", None
        desk.live = {}

        def call() -> Looked:
            wrong = walk.mistakes(step)
            if wrong:
                return Looked(wrong, [], True, [])
            findings = walk.look(step, deadline)
            if walk.blockers(step, findings):
                return Looked({}, findings, True, [])
            return Looked({}, findings, False, walk.plans(step, deadline))

        def then(looked: Looked) -> None:
            self._arrive()
            desk.findings, desk.shown = looked.findings, looked.shown
            desk.phase = Phase.BLOCKED if looked.blocked else Phase.PLANNED
            if looked.wrong:
                desk.phase = Phase.ASKING
            if desk.phase is Phase.PLANNED and not desk.changes:
                self.do(step)
            self._post(Moved(step.id))

        self._start("check", step, call, then)

    def do(self, step: Step) -> None:
        """Do what was shown and confirmed."""
        walk, desk = self._walk, self.step(step.id)
        if walk is None or self.busy:
            return
        deadline = self._set_out(step, Phase.DOING)
        shown = list(desk.shown)
        desk.problems, desk.actions, desk.jobs, desk.waits = (), {}, {}, []
        desk.items, desk.log, desk.handed = {}, [], None

        def call() -> None:
            walk.apply(step, shown, deadline)
            walk.complete(step)

        def then(_nothing: None) -> None:
            self._arrive()
            desk.phase = Phase.DONE
            desk.device_code = None
            self._refresh()

        self._start("apply", step, call, then)

    def stop(self) -> None:
        """Stop looking or following; jobs in Azure go on."""
        if self.deadline is not None:
            self.deadline.cancel()
        if self.console is not None:
            self.console.stop()

    def waive(self, step: Step, waiver: Waiver, failed: Callable[[ProblemError], None]) -> None:
        """Accept a failed check in writing, then look again."""
        notes = self._notes
        assert notes is not None
        self.workers.note("waive", lambda: notes.waive(waiver), lambda _none: self.check(step), failed)

    def offer(
        self,
        step: Step,
        item: Field,
        then: Callable[[list[Choice]], None],
        failed: Callable[[ProblemError], None],
    ) -> None:
        """Fetch the choices of a field."""
        assert self.book is not None
        assert self.view is not None
        assert item.offer is not None
        walk = self.book.walk(self.view.engagement, self._emit, self.ask)
        ask = item.offer

        def arrived(choices: list[Choice]) -> None:
            self.offers[f"{step.id}.{item.key}"] = choices
            then(choices)

        self.workers.start(
            "offer",
            lambda: list(ask(walk.session(Deadline(OFFER_SECONDS)))),
            arrived,
            failed,
            lambda: failed(unforeseen()),
        )

    def borrow(
        self,
        step: Step,
        name: str,
        call: Callable[[Walk, Deadline], Result],
        then: Callable[[Result], None],
        failed: Callable[[ProblemError], None],
    ) -> bool:
        """Long work of a page with the walk; False where something else is under way."""
        walk = self._walk
        if walk is None or self.busy:
            return False
        deadline = self.deadline = Deadline()
        self.busy_step = step.id

        def arrived(result: Result) -> None:
            self._arrive()
            then(result)
            self._post(Moved(step.id))

        def refused(error: ProblemError) -> None:
            self._arrive()
            failed(error)
            self._post(Moved(step.id))

        broken = partial(refused, unforeseen())
        self.workers.start(name, lambda: call(walk, deadline), arrived, refused, broken)
        self._post(Moved(step.id))
        return True

    def freshen(self, step: Step) -> None:
        """Ask whether a step that is done still holds; where it does not, it is open again and says why."""
        walk, desk = self._walk, self.step(step.id)
        if walk is None or self.busy or step.stale is None:
            return

        def call() -> str | None:
            reason = walk.stale(step, Deadline(OFFER_SECONDS))
            if reason is not None:
                walk.reopen(step, reason)
            return reason

        def then(reason: str | None) -> None:
            desk.stale = reason or ""
            if reason:
                desk.phase = Phase.ASKING
                self._refresh()

        # Azure may be out of reach; the step then stands as it was, and a check says what is wrong.
        self.workers.start("freshen", call, then, lambda _error: None, lambda: None)

    def _set_out(self, step: Step, phase: Phase) -> Deadline:
        self.deadline, self.busy_step = Deadline(), step.id
        self.step(step.id).phase = phase
        return self.deadline

    def _arrive(self) -> None:
        self.deadline, self.busy_step = None, ""

    def _start(self, name: str, step: Step, call: Callable[[], Any], then: Callable[[Any], None]) -> None:
        desk = self.step(step.id)

        def failed(error: ProblemError) -> None:
            self._arrive()
            stopped = isinstance(error, CancelledError)
            desk.phase = Phase.ASKING if stopped else Phase.FAILED
            desk.problems = () if stopped else error.problems
            desk.device_code = None
            self._refresh()
            self._post(Moved(step.id))

        self.workers.start(name, call, then, failed, lambda: failed(unforeseen()))
        self._post(Moved(step.id))
