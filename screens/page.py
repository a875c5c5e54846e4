"""A page: what is swapped into the body. It says its title, its commands, and help for what has the focus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from screens.commands import BACK, Command


@dataclass(frozen=True)
class Heading:
    """The line under the rule: what the page is, and how it stands, at the right."""

    title: str
    state: str = ""


class Page(Container, can_focus=False):
    """Base of all pages."""

    DEFAULT_CSS = "Page { height: 1fr; width: 1fr; }"

    @dataclass
    class Go(Message):
        """Show another page; this one is made again by going back."""

        make: Callable[[], Page]
        replace: bool = False

    class Back(Message):
        """Leave this page for the one before."""

    class Home(Message):
        """Go to the first page."""

    class Reframe(Message):
        """Title, help line or key line may have changed."""

    @dataclass
    class Say(Message):
        """A sentence in the help line, until the focus moves."""

        sentence: str

    @dataclass
    class Copy(Message):
        """Hand a text to the terminal's clipboard."""

        text: str

    @property
    def is_mounted(self) -> bool:
        """Whether it stands in the program: composed, and not taken away since, which Textual's own does not tell.

        An answer that comes for a page that was left finds nothing to draw on.
        """
        return super().is_mounted and self.is_attached

    @property
    def heading(self) -> Heading:
        return Heading("")

    @property
    def commands(self) -> tuple[Command, ...]:
        """What can be done here now, the likeliest first."""
        return (BACK,)

    @property
    def hint(self) -> str:
        """The help line where what has the focus offers none."""
        return ""

    @property
    def lead(self) -> str:
        """Keys besides the commands that act here now, for the key line."""
        return ""

    def error(self, _focused: Widget | None) -> str:
        """What takes the place of the help line; empty where nothing is wrong."""
        return ""

    def first_focus(self) -> Widget | None:
        """What has the focus when the page opens."""
        return next((widget for widget in self.query(Widget) if widget.focusable), None)

    def take_up(self) -> None:
        """Give the focus back to something, after Esc has left a field."""
        target = self.first_focus()
        if target is not None:
            target.focus()

    def impossible(self) -> Sequence[tuple[Command, str]]:
        """Commands that this page has, but not now, each with the reason as a sentence."""
        return ()

    def turn(self, _key: str) -> bool:
        """Scroll, where nothing has the focus; False for a key that does not."""
        return False

    def topic(self) -> str:
        """The id of the step whose guidance explains this page; empty for none."""
        return ""

    def places(self) -> Sequence[tuple[str, Callable[[], None]]]:
        """Where one can go from here, for the list of commands: a title, and what goes there."""
        return ()

    def draw(self) -> None:
        """Show what has changed; pages with live content override this."""

    def run(self, command: Command) -> bool:
        """Do what a command asks; False where the page does not know it."""
        action = getattr(self, f"do_{command.id.replace('-', '_')}", None)
        if action is None:
            return False
        action()
        return True

    def do_back(self) -> None:
        self.post_message(self.Back())

    def escape(self) -> None:
        """Esc outside a text field."""
        self.do_back()
