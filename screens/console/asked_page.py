"""A page of text that is asked of the vault when it opens, and again with r."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.console.commands import LOOK
from screens.console.vault_desk import VaultDesk
from screens.fold import Fold
from screens.page import Heading, Page
from screens.reader import Text
from screens.style import Line
from screens.welcome import problem_lines
from services.text import _

if TYPE_CHECKING:
    from services.problems.model import Problem, ProblemError
    from services.recovery.vault import Vault
    from services.world.deadline import Deadline

Answer = TypeVar("Answer")


class AskedPage(Page, Generic[Answer]):
    """`read` runs in a thread; `said` draws what it found."""

    TITLE = ""

    def __init__(self, console: VaultDesk) -> None:
        super().__init__()
        self.console = console
        self.answer: Answer | None = None
        self._trouble: tuple[Problem, ...] = ()

    @abstractmethod
    def read(self, vault: Vault, deadline: Deadline) -> Answer:
        """What the page shows."""

    @abstractmethod
    def said(self, answer: Answer, width: int) -> Sequence[Line]:
        """The lines of what was read."""

    def compose(self) -> ComposeResult:
        shown = Text(self._lines)
        yield shown
        yield Fold(shown)

    def on_mount(self) -> None:
        self.do_look()

    @property
    def heading(self) -> Heading:
        waiting = self.answer is None and not self._trouble
        return Heading(_(self.TITLE), _("looking ...") if waiting else "")

    @property
    def commands(self) -> tuple[Command, ...]:
        return (LOOK, BACK)

    def first_focus(self) -> Widget | None:
        return self.query_one(Text)

    @property
    def now(self) -> datetime:
        """The world's time."""
        assert self.console.vault is not None
        return self.console.vault.world.clock.now()

    def do_look(self) -> None:
        self.console.ask(self.TITLE, self.read, self._arrived, self._failed)

    def draw(self) -> None:
        if self.is_mounted:
            self.query_one(Text).draw_again()
            self.post_message(self.Reframe())

    def _arrived(self, answer: Answer) -> None:
        self.answer, self._trouble = answer, ()
        self.draw()

    def _failed(self, error: ProblemError) -> None:
        self._trouble = error.problems
        self.draw()

    def _lines(self, width: int) -> Sequence[Line]:
        lines = [line for problem in self._trouble for line in problem_lines(problem, width)]
        return lines if self.answer is None else [*lines, *self.said(self.answer, width)]
