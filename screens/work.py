"""Service calls run in threads of their own; their ends come back as messages, in order."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from textual.message import Message

from services.problems.model import ProblemError

Result = TypeVar("Result")
Post = Callable[[Message], object]
_numbers = itertools.count(1)


@dataclass
class Ended(Message):
    """A piece of work is over; `then` is called where pages and state live."""

    then: Callable[[], None]
    name: str


@dataclass
class Broke(Message):
    """A piece of work has ended in an error that nobody foresaw."""

    error: Exception
    name: str
    then: Callable[[], None]


class Workers:
    """Named daemon threads: leaving the program never waits for them."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._notes: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._busy = threading.Semaphore(0)
        self._open: set[int] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._write_notes, name="notes", daemon=True).start()

    @property
    def idle(self) -> bool:
        """Whether no work is under way."""
        with self._lock:
            return not self._open

    def start(
        self,
        name: str,
        call: Callable[[], Result],
        then: Callable[[Result], None],
        failed: Callable[[ProblemError], None],
        broken: Callable[[], None],
    ) -> None:
        """Run a call that may take long, in a thread of its own."""
        piece = self._piece(name, call, then, failed, broken)
        threading.Thread(target=piece, name=name, daemon=True).start()

    def note(
        self,
        name: str,
        call: Callable[[], Result],
        then: Callable[[Result], None],
        failed: Callable[[ProblemError], None],
    ) -> None:
        """Run a short call on the journal; these go one after the other."""
        self._notes.put(self._piece(name, call, then, failed, lambda: None))

    def _piece(
        self,
        name: str,
        call: Callable[[], Result],
        then: Callable[[Result], None],
        failed: Callable[[ProblemError], None],
        broken: Callable[[], None],
    ) -> Callable[[], None]:
        number = next(_numbers)
        with self._lock:
            self._open.add(number)

        def over(action: Callable[[], None]) -> Callable[[], None]:
            def closing() -> None:
                with self._lock:
                    self._open.discard(number)
                action()

            return closing

        def work() -> None:
            try:
                result = call()
            except ProblemError as error:
                problem = error
                self._post(Ended(over(lambda: failed(problem)), name))
            except Exception as error:
                self._post(Broke(error, name, over(broken)))
            else:
                self._post(Ended(over(lambda: then(result)), name))

        return work

    def _write_notes(self) -> None:
        while True:
            self._notes.get()()
