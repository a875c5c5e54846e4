"""Buttons on one line, drawn as `[ Word ]`."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.containers import Horizontal
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from screens.style import Cell, strip


@dataclass(frozen=True)
class Button:
    """What a button is to be: its name, its word, its help, and whether it can be pushed."""

    name: str
    word: str
    hint: str = ""
    enabled: bool = True


class Push(Widget, can_focus=True):
    """A button. Enter or space pushes it; Left and Right go to its neighbours."""

    DEFAULT_CSS = "Push { width: auto; height: 1; margin-right: 2; }"

    @dataclass
    class Pushed(Message):
        """The button was pushed."""

        name: str

    keys = "Enter choose  Left/Right move"

    def __init__(self) -> None:
        super().__init__()
        self.button = Button("", "")

    @property
    def hint(self) -> str:
        return self.button.hint

    def become(self, button: Button) -> None:
        """Be another button."""
        if button != self.button:
            resized = len(button.word) != len(self.button.word)
            self.button = button
            self.disabled = not button.enabled
            self.refresh(layout=resized)
        self.display = True

    def get_content_width(self, *_args: object) -> int:
        return len(self.button.word) + 4

    def render_line(self, _y: int) -> Strip:
        style = "mark" if self.has_focus else ("dim" if self.disabled else "")
        return strip((Cell(f"[ {self.button.word} ]", style),), self.rich_style, self.size.width)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        if event.key in ("enter", "space"):
            event.stop()
            self.post_message(self.Pushed(self.button.name))
        elif event.key in ("left", "right"):
            event.stop()
            self._beside(-1 if event.key == "left" else 1)
        elif event.key == "up":
            event.stop()
            self.screen.focus_previous()
        elif event.key == "down":
            event.stop()
            self.screen.focus_next()

    def _beside(self, step: int) -> None:
        """Left and Right stay in the row: at its end the focus stays where it is."""
        assert self.parent is not None
        row = [push for push in self.parent.children if push.display and push.focusable]
        at = row.index(self) + step
        if 0 <= at < len(row):
            row[at].focus()

    def on_click(self) -> None:
        self.post_message(self.Pushed(self.button.name))


class Buttons(Horizontal):
    """A row of buttons that follows the state of its page. The widgets stay, so that the focus does too."""

    DEFAULT_CSS = "Buttons { height: 1; width: 1fr; } Buttons Push { display: none; }"
    SLOTS = 4

    def __init__(self) -> None:
        self._slots = [Push() for _number in range(self.SLOTS)]
        self._shown: tuple[Button, ...] = ()
        super().__init__(*self._slots)

    def push(self, name: str) -> Push:
        """The button of this name."""
        return next(push for push in self._slots if push.display and push.button.name == name)

    @property
    def names(self) -> list[str]:
        """The buttons there are, in order."""
        return [one.name for one in self._shown]

    def show(self, buttons: tuple[Button, ...], main: str, *, take: bool = False) -> None:
        """Other buttons. `main` gets the focus where it was among them, or where `take` asks for it and
        nobody is typing.
        """
        had = self.has_focus_within
        other = [one.name for one in buttons] != self.names
        self._shown = buttons
        for push, one in zip(self._slots, buttons, strict=False):
            push.become(one)
        if (other and (had or take)) and not getattr(self.screen.focused, "takes_text", False):
            self.screen.set_focus(self.push(main))
        for push in self._slots[len(buttons) :]:
            push.display = False
