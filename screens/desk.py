"""What the pages show: the open book, the walk, and what each step has brought so far.

All of it is changed only where the pages live; work in threads hands its results over by messages.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from textual.message import Message

from screens.messages import Asked, Happened, Moved, Opened, Revealed
from screens.state import Phase, StepDesk, View, keep, view_of
from screens.work import Ended, Workers
from services.problems.model import CancelledError, Problem, ProblemError
from services.text import _
from services.world.deadline import Deadline

if TYPE_CHECKING:
    from screens.book import Book
    from screens.console.vault_desk import VaultDesk
    from services.changes.plan import Plan
    from services.journal.model import Engagement
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


class Desk:
    """The state of one run of the program. `post` takes messages from any thread."""

    def __init__(self, open_book: Callable[[], Book], post: Callable[[Message], object]) -> None:
        self._open_book = open_book
        self._post = post
        self.workers = Workers(post)
        self.book: Book | None = None
        self.engagements: list[Engagement] = []
        self.summaries: dict[int, View] = {}
        self.trouble: tuple[Problem, ...] = ()
        self.view: View | None = None
        self.steps: dict[str, StepDesk] = {}
        self.offers: dict[str, list[Choice]] = {}
        self.typed: dict[str, str] = {}
        """Secrets that were typed here, by answer key; in memory only."""
        self.deadline: Deadline | None = None
        self.busy_step = ""
        self.console: VaultDesk | None = None
        """The open vault, once the console was opened."""
        self._walk: Walk | None = None
        self._notes: Walk | None = None

    # Opening ----------------------------------------------------------------------------------------

    def open(self) -> None:
        """Open journal and world in a worker."""

        def call() -> tuple[Book, list[Engagement], dict[int, View]]:
            book = self._open_book()
            found = book.engagements()
            return book, found, {one.id: view_of(book.walk(one, _silent, None)) for one in found}

        def then(result: tuple[Book, list[Engagement], dict[int, View]]) -> None:
            self.book, self.engagements, self.summaries = result
            self._post(Opened())

        def failed(error: ProblemError) -> None:
            self.trouble = error.problems
            self._post(Opened())

        self.trouble = ()
        self.workers.start("opening", call, then, failed, lambda: failed(_unforeseen()))

    def take_up(self, engagement: Engagement, then: Callable[[], None]) -> None:
        """Go on with an engagement; `then` is called when its steps are known."""
        assert self.book is not None
        self._walk = self.book.walk(engagement, self._emit, self.ask, self._reveal)
        self._notes = self.book.walk(engagement, self._emit, None)
        self.steps, self.offers = {}, {}
        self._refresh(then)

    def begin(
        self, scenario_id: str, then: Callable[[], None], failed: Callable[[ProblemError], None]
    ) -> None:
        """Begin a new engagement, and take it up."""
        book = self.book
        assert book is not None

        def started(engagement: Engagement) -> None:
            self.engagements.insert(0, engagement)
            self.take_up(engagement, then)

        self.workers.note("begin", lambda: book.begin(book.scenarios[scenario_id]), started, failed)

    def step(self, step_id: str) -> StepDesk:
        return self.steps.setdefault(step_id, StepDesk())

    # Drafts -----------------------------------------------------------------------------------------

    def save(self, step: Step, values: Mapping[str, Any], failed: Callable[[ProblemError], None]) -> None:
        """Keep what was typed, valid or not, and look at the steps again."""
        notes = self._notes
        assert notes is not None

        def call() -> View:
            notes.save(step, values)
            return view_of(notes)

        def then(view: View) -> None:
            self.view = view
            self._post(Moved(step.id))

        self.workers.note("draft", call, then, failed)

    def _refresh(self, then: Callable[[], None] | None = None) -> None:
        notes = self._notes
        assert notes is not None

        def arrived(view: View) -> None:
            self.view = view
            self.summaries[view.engagement.id] = view
            if then:
                then()
            self._post(Moved())

        self.workers.note("refresh", lambda: view_of(notes), arrived, self._refused)

    def _refused(self, error: ProblemError) -> None:
        self.trouble = error.problems
        self._post(Moved())

    # Steps ------------------------------------------------------------------------------------------

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
            lambda: failed(_unforeseen()),
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

        broken = partial(refused, _unforeseen())
        self.workers.start(name, lambda: call(walk, deadline), arrived, refused, broken)
        self._post(Moved(step.id))
        return True

    def recall(self, call: Callable[[Walk], Result], then: Callable[[Result], None]) -> None:
        """A short look into the journal."""
        notes = self._notes
        assert notes is not None

        def arrived(result: Result) -> None:
            then(result)
            self._post(Moved())

        self.workers.note("recall", lambda: call(notes), arrived, self._refused)

    def soon(self, act: Callable[[], None]) -> None:
        """Called in a worker: have something done where pages and state live."""
        self._post(Ended(act, "soon"))
        self._post(Moved())

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

    def moved(self) -> None:
        """What pages show has changed; safe in any thread."""
        self._post(Moved())

    def tell(self, then: Callable[[], None]) -> None:
        """From a thread: do something where pages and state live."""
        self._post(Ended(then, "news"))

    def take(self, step_id: str, event: Mapping[str, Any]) -> None:
        """Keep an event of the engine for the pages."""
        keep(self.step(step_id), event)

    # Inside -----------------------------------------------------------------------------------------

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

        self.workers.start(name, call, then, failed, lambda: failed(_unforeseen()))
        self._post(Moved(step.id))

    def _emit(self, event: Mapping[str, Any]) -> None:
        self._post(Happened(str(event.get("step") or self.busy_step), event))

    def keep_secret(self, key: str, value: str) -> None:
        """A secret that was typed for an answer; clients are built anew with it."""
        self.typed[key] = value
        if self._walk is not None:
            self._walk.forget()

    def forget_secret(self, key: str) -> None:
        """What was typed for an answer no longer counts."""
        if self.typed.pop(key, None) is not None and self._walk is not None:
            self._walk.forget()

    def _reveal(self, caption: str, value: str) -> None:
        """Called in a worker: show a secret until the page is left."""
        self._post(Revealed(caption, value))

    def ask(self, key: str, caption: str) -> str:
        """Called in a worker: the secret that was typed for this answer, else ask for it now."""
        if key in self.typed:
            return self.typed[key]
        reply: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._post(Asked(caption, reply))
        while True:
            try:
                answer = reply.get(timeout=0.5)
            except queue.Empty:
                if self.deadline is not None:
                    self.deadline.check()
                continue
            if answer is None:
                raise CancelledError(Problem("cancelled", caption, _("Nothing was typed.")))
            self.typed[key] = answer
            return answer


def _silent(_event: Mapping[str, Any]) -> None:
    """Events of a look at states alone."""


def _unforeseen() -> ProblemError:
    return ProblemError(
        Problem(
            "unforeseen",
            "",
            _("The program met an error of its own."),
            remedy=_("A report is in the state folder; what was saved is safe. Try again."),
        )
    )
