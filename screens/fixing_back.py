"""The fixes that stand, and taking them back: one by one, or all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.desk import Desk
from screens.fixing import FixJob, FixPage, Known, known_again, take_over
from screens.fixing_lines import outcome_lines
from screens.lines import Lines, Menu, Row
from screens.page import Heading, Page
from screens.step.buttons import Button, Buttons, Push
from screens.style import Line, column, state, text, wrapped
from services.problems.model import CancelledError, Problem, ProblemError
from services.readiness.fixes.records import INTENDED, Kept
from services.readiness.model import Finding
from services.scenario.model import Step
from services.scenario.walk import Walk
from services.text import _, plain
from services.world.deadline import Deadline

UNDO = Command("undo", "u", "take back", "Take back the marked fix")
UNDO_ALL = Command("undo-all", "a", "all", "Take back every fix of this list, the newest first")
FINISH = Command("finish", "n", "finish", "Finish the marked fix, which was cut off")
STOP = Command("stop", "s", "stop", "Stop; what is taken back stays so")
Outcome = Finding | Problem


class UndoPage(Page):
    """What stands on the machines because of us. `target` names one machine; empty for all."""

    DEFAULT_CSS = """
    UndoPage Menu { height: 1fr; min-height: 4; overflow-y: auto; scrollbar-size-vertical: 1; }
    UndoPage #about { height: auto; max-height: 9; }
    UndoPage Buttons { margin-top: 1; }
    """

    def __init__(self, desk: Desk, step: Step, target: str = "") -> None:
        super().__init__()
        self.desk, self.step, self.target = desk, step, target
        self._asked: tuple[Kept, ...] = ()
        self._outcomes: list[tuple[Kept, Outcome]] = []

    @property
    def standing(self) -> list[Kept]:
        """The newest first, as they are taken back."""
        kept = reversed(self.desk.step(self.step.id).standing)
        return [one for one in kept if self.target in ("", one.undo.machine)]

    @property
    def marked(self) -> Kept | None:
        key = self.query_one(Menu).marked
        return next((one for one in self.standing if one.key == key), None)

    def compose(self) -> ComposeResult:
        yield Menu(self._rows, keys=_("Up/Down move"))
        yield Lines(self._about, id="about")
        yield Buttons()

    def on_mount(self) -> None:
        self._follow()

    @property
    def heading(self) -> Heading:
        count = len(self.standing)
        said = _("looking ...") if self.desk.busy else _("{count} standing").format(count=count)
        return Heading(_("Fixes that were made"), said)

    @property
    def commands(self) -> tuple[Command, ...]:
        if self.desk.busy:
            return (STOP, BACK)
        one = self.marked if self.is_mounted else None
        found = [UNDO, UNDO_ALL] if one is not None else []
        found += [FINISH] if one is not None and one.state == INTENDED else []
        return (*found, BACK)

    @property
    def hint(self) -> str:
        return _("u asks before anything is taken back.")

    def topic(self) -> str:
        return self.step.id

    def first_focus(self) -> Widget | None:
        return self.query_one(Menu)

    def draw(self) -> None:
        self.query_one(Menu).show_rows(self._rows)
        self.query_one("#about", Lines).draw_again()
        self._follow()

    def _rows(self, width: int) -> Sequence[Row]:
        return [Row(one.key, (self._row(one, width),)) for one in self.standing]

    def _row(self, one: Kept, width: int) -> Line:
        word = _("cut off") if one.state == INTENDED else _("stands")
        return (
            column(plain(one.undo.machine), 20),
            state(word, 9),
            column(plain(one.undo.fix), 18),
            column(plain(one.undo.what), max(10, width - 47)),
        )

    def _about(self, width: int) -> Sequence[Line]:
        if not self.is_mounted:
            return []
        drawn = []
        for one, outcome in self._outcomes[-3:]:
            drawn.append(text(plain(f"{one.undo.machine}, {one.undo.fix}"), "accent"))
            drawn += outcome_lines(outcome, width)
        marked = self.marked
        if marked is not None and not drawn:
            drawn += _told(marked, width)
        return drawn or [text(_("No fix stands."))]

    # Buttons ----------------------------------------------------------------------------------------

    def _follow(self) -> None:
        count = len(self._asked)
        if self.desk.busy:
            shown: tuple[Button, ...] = (Button("stop", _("Stop"), _("What is taken back stays so.")),)
        elif count:
            names = ", ".join(f"{one.undo.machine} {one.undo.fix}" for one in self._asked)
            word = _("Take it back") if count == 1 else _("Take these {count} back").format(count=count)
            shown = (
                Button("keep", _("Keep"), _("Nothing is changed.")),
                Button("do", word, plain(names, 200)),
            )
        else:
            shown = (Button("back", _("Back"), _("To the findings.")),)
        self.query_one(Buttons).show(shown, shown[0].name, take=bool(count))
        self.post_message(self.Reframe())

    def on_push_pushed(self, event: Push.Pushed) -> None:
        event.stop()
        getattr(self, f"do_{event.name}")()

    def on_menu_marked(self, event: Menu.Marked) -> None:
        event.stop()
        self._asked = ()
        self.draw()

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        event.stop()
        self.do_undo()

    # What is done -----------------------------------------------------------------------------------

    def do_undo(self) -> None:
        one = self.marked
        self._asked = (one,) if one is not None else ()
        self._follow()

    def do_undo_all(self) -> None:
        # A clock that was set right stays right, unless it is marked and asked for.
        self._asked = tuple(one for one in self.standing if one.undo.kind != "clock")
        self._follow()

    def do_keep(self) -> None:
        self._asked = ()
        self._follow()
        self.take_up()

    def do_finish(self) -> None:
        from services.scenario.mending import fix_of

        one = self.marked
        fix = fix_of(one.undo.fix) if one is not None else None
        if one is not None and fix is not None:
            job = FixJob(fix.check, (one.undo.machine,))
            self.post_message(self.Go(lambda: FixPage(self.desk, self.step, job)))

    def do_stop(self) -> None:
        self.desk.stop()

    def do_do(self) -> None:
        desk, step, asked = self.desk, self.step, self._asked
        self._asked, self._outcomes = (), []
        outcomes = self._outcomes

        def tell(one: Kept, outcome: Outcome) -> None:
            desk.soon(lambda: outcomes.append((one, outcome)))

        desk.borrow(
            step,
            "undo",
            lambda walk, deadline: take_back(walk, deadline, step, asked, tell),
            lambda known: take_over(desk, step, known),
            self._failed,
        )

    def _failed(self, error: ProblemError) -> None:
        if not isinstance(error, CancelledError) and self.is_mounted:
            self.post_message(self.Say(plain(error.problems[0].sentence())))
        self.desk.recall(known_again(self.step), lambda found: take_over(self.desk, self.step, found))


def take_back(
    walk: Walk,
    deadline: Deadline,
    step: Step,
    asked: Sequence[Kept],
    tell: Callable[[Kept, Outcome], None],
) -> Known:
    """Called in a worker: take these back, in this order. What goes wrong with one stops no other."""
    from services.scenario.mending import fix_of, workshop
    from services.scenario.recheck import with_fresh

    newest: dict[tuple[str, str], Kept] = {}
    for one in asked:
        newest.setdefault((one.undo.machine, one.undo.fix), one)
    shop = workshop(walk.session(deadline), machines=sorted({machine for machine, _fix in newest}))
    by_name = {machine.name: machine for machine in shop.machines}
    for one in newest.values():
        fix = fix_of(one.undo.fix)
        if fix is None:
            tell(one, Problem("unknown-fix", one.undo.fix, _("this version knows no such fix.")))
            continue
        try:
            again = shop.undo(by_name[one.undo.machine], fix)
        except ProblemError as error:
            deadline.check()
            tell(one, error.problems[0])
        else:
            with_fresh(walk, step, [again])
            tell(one, again)
    return known_again(step)(walk)


def _told(one: Kept, width: int) -> list[Line]:
    from services.scenario.mending import fix_of

    fix = fix_of(one.undo.fix)
    drawn = wrapped(plain(one.undo.what), width, "bold")
    if one.state == INTENDED:
        drawn += wrapped(
            _("It was cut off while it was made. The machine is as before, or as the fix makes it."),
            width,
            "warn",
        )
    if fix is not None and fix.weakens:
        drawn += wrapped(_("Weakens: {how}").format(how=_(fix.weakens)), width, "warn")
    for label, content in ((_("by"), one.by), (_("path"), one.undo.path), (_("backup"), one.undo.backup)):
        if content:
            drawn += wrapped(f"{label}: {plain(content)}", width)
    return drawn
