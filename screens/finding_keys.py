"""Host keys that were never seen here: one list with their fingerprints, and one question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.desk import Desk
from screens.finding_commands import unsettle
from screens.lines import Lines
from screens.page import Heading, Page
from screens.step.buttons import Button, Buttons, Push
from screens.style import Line, text, wrapped
from services.problems.model import CancelledError, Problem, ProblemError
from services.readiness.model import Finding
from services.scenario.model import Step
from services.text import _, plain

if TYPE_CHECKING:
    from services.readiness.first_use import UnknownKey

STOP = Command("stop", "s", "stop", "Stop looking")


class KeysPage(Page):
    """The keys that these machines show, fetched when the page opens; accepted ones are remembered."""

    DEFAULT_CSS = """
    KeysPage #keys { height: 1fr; overflow-y: auto; scrollbar-size-vertical: 1; }
    KeysPage Buttons { margin-top: 1; }
    """

    def __init__(self, desk: Desk, step: Step, targets: tuple[str, ...]) -> None:
        super().__init__()
        self.desk, self.step, self.targets = desk, step, targets
        self.keys: list[UnknownKey] | None = None
        self._trouble: tuple[Problem, ...] = ()

    def compose(self) -> ComposeResult:
        yield Lines(self._draw, id="keys")
        yield Buttons()

    def on_mount(self) -> None:
        self._look()
        self._follow()

    @property
    def heading(self) -> Heading:
        count = len(self.keys or ())
        said = _("looking ...") if self.desk.busy else _("{count} never seen").format(count=count)
        return Heading(_("Host keys"), said)

    @property
    def commands(self) -> tuple[Command, ...]:
        return (STOP, BACK) if self.desk.busy else (BACK,)

    @property
    def hint(self) -> str:
        return _("Compare each fingerprint with the machine's console before you accept it.")

    def topic(self) -> str:
        return self.step.id

    def first_focus(self) -> Widget | None:
        return self.query_one(Buttons)

    def draw(self) -> None:
        self.query_one("#keys", Lines).draw_again()
        self._follow()

    def _draw(self, width: int) -> Sequence[Line]:
        drawn: list[Line] = []
        for problem in self._trouble:
            drawn += [*wrapped(plain(problem.sentence()), width, "bad"), text("")]
        if self.keys is None:
            return drawn or [text(_("Looking at the machines ..."), "dim")]
        if not self.keys:
            return [*drawn, text(_("Every key is known now."))]
        for one in self.keys:
            place = one.host if one.port == 22 else f"{one.host}:{one.port}"
            drawn += wrapped(plain(f"{', '.join(one.machines)}   {place}", 300), width, "accent")
            drawn += wrapped(plain(f"{one.kind}  {one.fingerprint}", 200), width)
        drawn += [text(""), *wrapped(_("On the machine's console: ssh-keygen -lf FILE"), width, "dim")]
        return drawn

    def _follow(self) -> None:
        count = len(self.keys or ())
        if self.desk.busy:
            shown: tuple[Button, ...] = (Button("stop", _("Stop"), _("What was accepted stays so.")),)
        elif count:
            word = _("Accept it") if count == 1 else _("Accept these {count}").format(count=count)
            shown = (
                Button("leave", _("Do not accept"), _("The machines stay closed.")),
                Button("accept", word, _("They are remembered, and the machines are looked at.")),
            )
        else:
            shown = (Button("leave", _("Back"), _("To the findings.")),)
        self.query_one(Buttons).show(shown, shown[0].name, take=bool(count))
        self.post_message(self.Reframe())

    # What is done -----------------------------------------------------------------------------------

    def _look(self) -> None:
        def then(found: list[UnknownKey]) -> None:
            self.keys = found

        from services.scenario.recheck import keys_to_accept

        self.desk.borrow(
            self.step,
            "keys",
            lambda walk, deadline: keys_to_accept(walk, self.targets, deadline),
            then,
            self._failed,
        )

    def do_accept(self) -> None:
        from services.scenario.recheck import accept_keys

        desk, step, keys = self.desk, self.step, tuple(self.keys or ())

        def then(found: list[Finding]) -> None:
            self.keys = []
            desk.step(step.id).findings = found
            unsettle(desk.step(step.id))

        desk.borrow(
            step,
            "accept-keys",
            lambda walk, deadline: accept_keys(walk, step, keys, walk.journal.actor.name, deadline),
            then,
            self._failed,
        )

    def _failed(self, error: ProblemError) -> None:
        if not isinstance(error, CancelledError):
            self._trouble = error.problems
        self.keys = self.keys or []

    def do_leave(self) -> None:
        self.post_message(self.Back())

    def do_stop(self) -> None:
        self.desk.stop()

    def on_push_pushed(self, event: Push.Pushed) -> None:
        event.stop()
        getattr(self, f"do_{event.name}")()
