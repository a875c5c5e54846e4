"""What the pages stand on: the open book and its walk, notes in the journal, and the secrets that were typed.

All of it is changed only where the pages live; work in threads hands its results over by messages.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from textual.message import Message

from screens.messages import Asked, Happened, Moved, Opened, Revealed
from screens.state import StepDesk, View, keep, view_of
from screens.work import Ended, Workers
from services.problems.model import CancelledError, Problem, ProblemError
from services.text import _
from services.world.deadline import Deadline

if TYPE_CHECKING:
    from screens.book import Book
    from screens.console.vault_desk import VaultDesk
    from services.journal.model import Engagement
    from services.scenario.model import Choice, Step
    from services.scenario.walk import Walk

Result = TypeVar("Result")


class BookDesk:
    """The book, its engagements and the steps of one. `post` takes messages from any thread."""

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
        self.workers.start("opening", call, then, failed, lambda: failed(unforeseen()))

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

    def save(self, step: Step, values: Mapping[str, Any], failed: Callable[[ProblemError], None]) -> None:
        """Keep what was typed, valid or not, and look at the steps again. What fails stays to be kept."""
        notes = self._notes
        assert notes is not None
        waiting = self.step(step.id).unkept
        waiting.update(values)
        wanted = dict(waiting)

        def call() -> View:
            notes.save(step, wanted)
            return view_of(notes)

        def then(view: View) -> None:
            for key, value in wanted.items():
                if key in waiting and waiting[key] == value:
                    del waiting[key]
            self.view = view
            self._post(Moved(step.id))
            self.keep_rest(failed)

        self.workers.note("draft", call, then, failed)

    def keep_rest(self, failed: Callable[[ProblemError], None]) -> None:
        """Try again to keep what the journal could not take, of whichever step."""
        for step_id, one in list(self.steps.items()):
            if one.unkept and self.view is not None:
                self.save(self.view.answers.scenario.step(step_id), {}, failed)
                return

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

    def moved(self) -> None:
        """What pages show has changed; safe in any thread."""
        self._post(Moved())

    def tell(self, then: Callable[[], None]) -> None:
        """From a thread: do something where pages and state live."""
        self._post(Ended(then, "news"))

    def take(self, step_id: str, event: Mapping[str, Any]) -> None:
        """Keep an event of the engine for the pages."""
        keep(self.step(step_id), event)

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


def unforeseen() -> ProblemError:
    """The problem of an error that nobody foresaw."""
    return ProblemError(
        Problem(
            "unforeseen",
            "",
            _("The program met an error of its own."),
            remedy=_("A report is in the state folder; what was saved is safe. Try again."),
        )
    )
