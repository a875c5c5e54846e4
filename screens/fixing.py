"""A fix on one machine or on many: shown exactly, made with consent, and what its check says then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.desk import Desk
from screens.finding_commands import SWEPT, unsettle
from screens.fixing_lines import mending_lines
from screens.fold import Fold
from screens.page import Heading, Page
from screens.reader import Text
from screens.step.buttons import Button, Buttons, Push
from screens.style import Line, text, wrapped
from services.problems.model import CancelledError, Problem, ProblemError
from services.readiness.fixes.records import Kept
from services.readiness.model import Finding
from services.scenario.model import Step
from services.scenario.walk import Walk
from services.text import _, plain
from services.world.deadline import Deadline

if TYPE_CHECKING:
    from services.scenario.mending import Mending, Workshop

Known = tuple[list[Finding], list[Kept], dict[str, str]]
"""The findings of a step, the fixes that stand, and the machines with their systems."""
STOP = Command("stop", "s", "stop", "Stop; what is made stays, and can be taken back")


@dataclass
class FixJob:
    """One fix for some machines, and how far it has come. `made` is by number of the plan."""

    check: str
    targets: tuple[str, ...]
    shop: Workshop | None = None
    planned: list[Mending] | None = None
    made: dict[int, Finding | Problem] = field(default_factory=dict)
    trouble: tuple[Problem, ...] = ()

    @property
    def to_make(self) -> list[tuple[int, Mending]]:
        """What would be changed, by its number, as long as it was not tried."""
        return [
            (number, one)
            for number, one in enumerate(self.planned or ())
            if one.preview and not one.preview.advice and number not in self.made
            if one.cut_off or not one.preview.empty
        ]


class FixPage(Page):
    """The preview, then the consent, then the outcome, machine by machine."""

    DEFAULT_CSS = "FixPage Buttons { margin-top: 1; }"

    def __init__(self, desk: Desk, step: Step, job: FixJob) -> None:
        super().__init__()
        self.desk, self.step, self.job = desk, step, job
        self._drawn = False
        self._seen_end = False

    def compose(self) -> ComposeResult:
        shown = Text(self._draw)
        yield shown
        yield Fold(shown)
        yield Buttons()

    def on_mount(self) -> None:
        if self.job.planned is None:
            self._look()
        self._follow()

    @property
    def heading(self) -> Heading:
        return Heading(_("Fix {check}").format(check=self.job.check), self._where())

    def _where(self) -> str:
        if self.desk.busy:
            return _("looking ...") if self.job.planned is None else _("being made")
        if self.job.made:
            return _("made")
        return _("nothing has been changed yet")

    @property
    def commands(self) -> tuple[Command, ...]:
        return (STOP, BACK) if self.desk.busy else (BACK,)

    @property
    def hint(self) -> str:
        return _("Up and Down scroll; Tab goes to the buttons.")

    def topic(self) -> str:
        return self.step.id

    def first_focus(self) -> Widget | None:
        return self.query_one(Text)

    def draw(self) -> None:
        self.query_one(Text).draw_again()
        self._follow()
        self.query_one(Fold).look()

    def turn(self, key: str) -> bool:
        return self.query_one(Text).turn(key)

    def on_fold_looked(self, event: Fold.Looked) -> None:
        """The changes count as read once their end was in sight."""
        event.stop()
        if self._drawn and not self.query_one(Fold).below and not self._seen_end:
            self._seen_end = True
            self._follow()

    def _follow(self) -> None:
        back = Button("back", _("Change nothing"), _("Nothing is changed."))
        count = len(self.job.to_make)
        if self.desk.busy:
            shown: tuple[Button, ...] = (
                Button("stop", _("Stop"), _("What is made stays, and can be taken back.")),
            )
        elif count and not self.desk_is_read_only and not self._seen_end:
            shown = (back, Button("more", _("Read on"), _("What would be done goes on below.")))
        elif count and not self.desk_is_read_only:
            word = (
                _("Make this change") if count == 1 else _("Make these {count} changes").format(count=count)
            )
            shown = (back, Button("make", word, self._weakens() or _("Can be taken back by u.")))
        else:
            shown = (Button("back", _("Back"), _("To the findings.")),)
        self.query_one(Buttons).show(shown, shown[0].name, take=True)
        self.post_message(self.Reframe())

    @property
    def desk_is_read_only(self) -> bool:
        book = self.desk.book
        return book is None or book.world.read_only or book.journal.read_only

    def _weakens(self) -> str:
        sentences = {_(one.fix.weakens) for _number, one in self.job.to_make if one.fix and one.fix.weakens}
        return _("It weakens the machine: {how}").format(how=" ".join(sorted(sentences))) if sentences else ""

    # What is drawn ----------------------------------------------------------------------------------

    def _draw(self, width: int) -> Sequence[Line]:
        drawn: list[Line] = []
        for problem in self.job.trouble:
            drawn += [*wrapped(plain(problem.sentence()), width, "bad"), text("")]
        if self.job.planned is None:
            if not self.job.trouble:
                names = ", ".join(self.job.targets)
                drawn += wrapped(_("Looking at {names} ...").format(names=plain(names, 200)), width, "dim")
            return drawn
        if not self.job.planned:
            drawn.append(text(_("Nothing is left to fix: the check is content now.")))
        if self.desk_is_read_only:
            drawn += wrapped(_("Nothing is changed in a read-only session."), width, "warn")
        self._drawn = True
        for number, one in enumerate(self.job.planned):
            drawn += [*mending_lines(one, self.job.made.get(number), width), text("")]
        return drawn

    # What is done -----------------------------------------------------------------------------------

    def _look(self) -> None:
        job = self.job

        def call(walk: Walk, deadline: Deadline) -> tuple[Workshop, list[Mending]]:
            from services.scenario.mending import workshop

            shop = workshop(walk.session(deadline), machines=job.targets, kinds=[job.check])
            return shop, shop.plan(lambda _finding: None)

        def then(found: tuple[Workshop, list[Mending]]) -> None:
            job.shop, job.planned = found

        self.desk.borrow(self.step, "preview", call, then, self._failed)

    def do_make(self) -> None:
        desk, step, job = self.desk, self.step, self.job

        def tell(number: int, outcome: Finding | Problem) -> None:
            desk.soon(lambda: job.made.update({number: outcome}))

        desk.borrow(
            step,
            "fix",
            lambda walk, deadline: make(walk, deadline, step, job, tell),
            lambda known: take_over(desk, step, known),
            self._failed,
        )

    def _failed(self, error: ProblemError) -> None:
        if not isinstance(error, CancelledError):
            self.job.trouble = error.problems
        known = known_again(self.step)
        self.desk.recall(known, lambda found: take_over(self.desk, self.step, found))

    def do_stop(self) -> None:
        self.desk.stop()

    def do_more(self) -> None:
        """Show what comes next of changes that are longer than the page."""
        self.turn("pagedown")

    def on_push_pushed(self, event: Push.Pushed) -> None:
        event.stop()
        getattr(self, f"do_{event.name}")()


def make(
    walk: Walk,
    deadline: Deadline,
    step: Step,
    job: FixJob,
    tell: Callable[[int, Finding | Problem], None],
) -> Known:
    """Called in a worker: make what was shown, one after the other. What goes wrong with one stops no other."""
    from services.scenario.recheck import with_fresh

    assert job.shop is not None
    job.shop.session = walk.session(deadline)
    for number, one in job.to_make:
        try:
            again = job.shop.apply(one, weakening=True)
        except ProblemError as error:
            deadline.check()
            tell(number, error.problems[0])
        else:
            with_fresh(walk, step, [again])
            tell(number, again)
    return known_again(step)(walk)


def known_again(step: Step) -> Callable[[Walk], Known]:
    """What the journal knows of a step's findings and of the fixes that stand."""

    def call(walk: Walk) -> Known:
        from services.scenario.mending import standing_of, systems_of
        from services.scenario.recheck import kept_findings

        standing = standing_of(walk.journal, walk.engagement.id)
        return kept_findings(walk, step), standing, systems_of(walk.answers, server=step.id != SWEPT)

    return call


def take_over(desk: Desk, step: Step, known: Known) -> None:
    """Show what is known now; the step is to be checked again."""
    state = desk.step(step.id)
    state.findings, state.standing, state.systems = known
    unsettle(state)
