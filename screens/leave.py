"""Leaving while work is in hand: asks, and says what goes on without us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget

from screens.lines import Lines
from screens.page import Heading, Page
from screens.step.buttons import Button, Buttons, Push
from screens.style import Line, wrapped
from services.text import _


class LeavePage(Page):
    """Stay, or leave."""

    DEFAULT_CSS = "LeavePage Lines { margin-bottom: 1; }"

    @dataclass
    class Leave(Message):
        """The user wants to leave all the same."""

    def __init__(self, said: str = "") -> None:
        """`said`: what is in hand and what becomes of it; without, a step of a set-up."""
        super().__init__()
        self._said = said

    def compose(self) -> ComposeResult:
        yield Lines(self._text)
        yield Buttons()

    def on_mount(self) -> None:
        stay = Button("stay", _("Stay"), _("Back to the page."))
        leave = Button(
            "leave", _("Leave"), _("What was typed and asked for is kept; the next start goes on.")
        )
        self.query_one(Buttons).show((stay, leave), "stay")

    @property
    def heading(self) -> Heading:
        return Heading(_("Leave?"), _("work is in hand"))

    def first_focus(self) -> Widget | None:
        return self.query_one(Buttons).push("stay")

    def _text(self, width: int) -> Sequence[Line]:
        return wrapped(
            self._said
            or _(
                "A step is being done. What Azure has accepted goes on there, and the next start "
                "finds it and asks nothing twice. What has not been sent yet is not sent."
            ),
            width,
        )

    def on_push_pushed(self, event: Push.Pushed) -> None:
        event.stop()
        if event.name == "leave":
            self.post_message(self.Leave())
        else:
            self.do_back()
