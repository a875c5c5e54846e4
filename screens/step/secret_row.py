"""The field of a secret: a reference that says where it comes from, or, once agreed to, the secret itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input

from screens.lines import Lines
from screens.step.buttons import Button, Push
from screens.step.fields import FieldRow, TextEntry, Typed, is_reference
from screens.style import wrapped
from services.text import _

BEGINNINGS = ("env:", "keyring:", "file:", "practice:", "prompt")
FORMS = "env:NAME, keyring:SERVICE/USER, file:PATH, prompt"
NO = Button("no", "No", "Drops what you typed; the field is as it was.")
YES = Button("yes", "Yes", "Kept in memory until you quit, written nowhere.")


class SecretRow(FieldRow):
    """Where a secret comes from. Anything else that is typed is masked, and asked about before it counts."""

    DEFAULT_CSS = """
    SecretRow .typing { width: 1fr; height: auto; }
    SecretRow .question, SecretRow .answers { height: auto; display: none; }
    SecretRow.asking .question, SecretRow.asking .answers { display: block; }
    """

    @dataclass
    class Secret(Message):
        """A secret itself was typed and agreed to; empty: there is a reference now, so forget it."""

        key: str
        value: str

    def compose(self) -> ComposeResult:
        start = str(self.start)
        hint = f"{_(self.item.help)} {_('Give {forms}.').format(forms=FORMS)}"
        self.input = TextEntry(start, hint=hint, password=not is_reference(start))
        yield self.caption
        with Vertical(classes="typing"):
            yield self.input
            asked = _("Use what you typed as the secret itself, for '{caption}'?")
            question = asked.format(caption=_(self.item.caption))
            yield Lines(lambda width: wrapped(question, width, "warn"), classes="question")
            with Horizontal(classes="answers"):
                for one in (NO, YES):
                    push = Push()
                    push.become(Button(one.name, _(one.word), _(one.hint)))
                    yield push

    @property
    def _typed(self) -> str:
        return self.input.value.strip()

    @property
    def asking(self) -> bool:
        """Whether it is still open what the typed text is."""
        return self.has_class("asking")

    @property
    def value(self) -> Any:
        """The reference; the one before, while it is open what the typed text is."""
        return self._typed if not self._typed or is_reference(self._typed) else self.start

    @property
    def wrong(self) -> str:
        if not self.asking:
            return ""
        return _("this is no reference; say below whether it is the secret itself, or give {forms}").format(
            forms=FORMS
        )

    def refill(self, value: Any) -> None:
        self.start = value
        if not self.asking and self._typed != value and (not self._typed or is_reference(self._typed)):
            self._put(str(value))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        typed, reference = self._typed, is_reference(self._typed)
        self.input.password = not reference
        begun = any(one.startswith(typed) or typed.startswith(one) for one in BEGINNINGS)
        self.set_class(not reference and not begun, "asking")
        if reference or not typed:
            # The field also says so when it is first filled, and then what was typed before still counts.
            if typed != self.start:
                self.post_message(self.Secret(self.item.key, ""))
            self.post_message(Typed(self))

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self.set_class(bool(self._typed) and not is_reference(self._typed), "asking")
        super().on_descendant_blur(event)

    def on_push_pushed(self, event: Push.Pushed) -> None:
        event.stop()
        typed = self._typed
        self._put("prompt" if event.name == YES.name else str(self.start))
        self.input.focus()
        if event.name == YES.name:
            self.post_message(self.Secret(self.item.key, typed))
            self.post_message(Typed(self, leaving=True))

    def _put(self, value: str) -> None:
        with self.prevent(Input.Changed):
            self.input.value = value
            self.input.password = not is_reference(value)
        self.set_class(False, "asking")
