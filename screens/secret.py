"""Asks for a secret that is needed now. It stays in memory."""

from __future__ import annotations

import queue
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widget import Widget

from screens.lines import Lines
from screens.page import Heading, Page
from screens.step.buttons import Button, Buttons, Push
from screens.step.fields import TextEntry
from screens.style import Line, text, wrapped
from services.text import _, plain

SOURCES = "env:NAME, keyring:SERVICE/USER or file:PATH"


class SecretEntry(TextEntry):
    """The secret, masked. Enter hands it on."""

    def wants_enter(self) -> bool:
        return True


class SecretPage(Page):
    """One secret; leaving the page gives up what needs it."""

    DEFAULT_CSS = "SecretPage Lines, SecretPage SecretEntry { margin-bottom: 1; }"

    def __init__(self, caption: str, purpose: str, reply: queue.SimpleQueue[str | None]) -> None:
        super().__init__()
        self._caption, self._purpose, self._reply = caption, purpose, reply
        self._answered = False

    def compose(self) -> ComposeResult:
        yield Lines(self._text)
        yield SecretEntry("", hint=_("What you type is not shown. Enter hands it on."), password=True)
        yield Buttons()

    def on_mount(self) -> None:
        give_up = Button("back", _("Give up"), _("Stops what needs it; nothing is changed."))
        self.query_one(Buttons).show((Button("take", _("OK")), give_up), "take")

    @property
    def heading(self) -> Heading:
        return Heading(_("A secret is needed"))

    def first_focus(self) -> Widget | None:
        return self.query_one(SecretEntry)

    def _text(self, width: int) -> Sequence[Line]:
        lines = [text(plain(self._caption), "accent")]
        if self._purpose:
            lines += wrapped(_("Needed for the step: {step}").format(step=self._purpose), width)
        lines += wrapped(_("Kept in memory until you quit, and written nowhere."), width)
        how = _("To name a source instead, give up and write {forms} in its field.").format(forms=SOURCES)
        return [*lines, text(""), *wrapped(how, width, "dim")]

    def on_input_submitted(self) -> None:
        self.do_take()

    def on_push_pushed(self, event: Push.Pushed) -> None:
        event.stop()
        (self.do_take if event.name == "take" else self.do_back)()

    def on_text_entry_left(self, event: TextEntry.Left) -> None:
        event.stop()
        self.do_back()

    def do_take(self) -> None:
        typed = self.query_one(SecretEntry).value
        if typed:
            self._answered = True
            self._reply.put(typed)
            self.post_message(self.Back())

    def on_unmount(self) -> None:
        if not self._answered:
            self._answered = True
            self._reply.put(None)
