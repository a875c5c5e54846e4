"""Fields as rows: caption, input, unit. Each knows how to read and to show its value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from screens.frame import OneLine
from screens.lines import Menu, Row
from screens.style import Cell, Line, column, text, wrapped
from services.scenario.model import Choice, Field, Kind
from services.scenario.validate import parsed, shown
from services.secrets import complaint
from services.text import _, plain

CAPTION = 18
CUT = ".."


@dataclass
class Typed(Message):
    """The value of a field has changed. `leaving`: the focus goes elsewhere, so keep it now."""

    row: FieldRow
    leaving: bool = False


class FieldRow(Horizontal):
    """One field on the page."""

    DEFAULT_CSS = """
    FieldRow { height: auto; }
    """

    def __init__(self, item: Field, value: Any, caption_width: int = CAPTION) -> None:
        super().__init__(id=f"field-{item.key}")
        self.item = item
        self.start = value
        self.touched = False
        self.caption = OneLine(self.caption_line(focused=False))
        self.caption.styles.width = caption_width

    def caption_line(self, *, focused: bool) -> Line:
        """The caption, with a mark while the focus is here."""
        return text("> " + _(self.item.caption), "accent") if focused else text("  " + _(self.item.caption))

    @property
    def value(self) -> Any:
        """What stands in the field, in its own type."""
        raise TypeError(f"{type(self).__name__} has no value")

    @property
    def entry(self) -> Widget:
        """What takes the focus."""
        return next(widget for widget in self.query(Widget) if widget.focusable)

    @property
    def edited(self) -> bool:
        """Whether somebody changed it since the program filled it in."""
        return bool(self.value != self.start)

    @property
    def wrong(self) -> str:
        """Why what is being typed is not taken as a value yet; empty where nothing is wrong."""
        return ""

    def refill(self, value: Any) -> None:
        """Show another value; the page asks for that only where nothing unsaved stands."""

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        self.caption.show(self.caption_line(focused=True))
        # A list above that has just closed moves this field after Textual, a paint later, has scrolled to it.
        self.call_after_refresh(self.call_after_refresh, self._come_in_sight)

    def _come_in_sight(self) -> None:
        if self.is_attached:
            self.scroll_visible(animate=False)

    def on_descendant_blur(self, _event: events.DescendantBlur) -> None:
        # What loses the focus may hand it on within the row.
        here = self.screen.focused
        self.caption.show(self.caption_line(focused=here is not None and self in here.ancestors))
        self.touched = True
        self.post_message(Typed(self, leaving=True))


class TextEntry(Input):
    """A text field of one line. Up, Down and Enter go to the fields around it, Esc leaves it."""

    DEFAULT_CSS = """
    TextEntry { width: 1fr; background: ansi_default; text-style: underline; }
    TextEntry:focus { background-tint: ansi_default 0%; }
    """
    takes_text = True

    class Left(Message):
        """Esc: the field is left, the page has the keys."""

    def __init__(self, value: str, *, hint: str, password: bool = False, id: str | None = None) -> None:
        super().__init__(value, compact=True, password=password, select_on_focus=False, id=id)
        self.cursor_blink = False
        self.hint = hint

    def on_key(self, event: events.Key) -> None:
        moves = {
            "up": self.screen.focus_previous,
            "down": self.screen.focus_next,
            "enter": self.screen.focus_next,
        }
        if event.key in moves and not (event.key == "enter" and self.wants_enter()):
            event.stop()
            event.prevent_default()
            moves[event.key]()
        elif event.key == "escape":
            event.stop()
            event.prevent_default()
            self.post_message(self.Left())

    def wants_enter(self) -> bool:
        """Whether Enter has a meaning of its own here."""
        return False

    def render_line(self, y: int) -> Strip:
        """What does not fit is marked as cut, except where the cursor stands."""
        drawn, width, at = super().render_line(y), self.size.width, self.scroll_offset.x
        cursor = self.cursor_position - at if self.has_focus else -1
        mark = Strip([Segment(CUT, self.rich_style)])
        if at > 0 and cursor not in (0, 1):
            drawn = Strip.join([mark, drawn.crop(len(CUT), width)])
        if cell_len(self.value) - at > width and cursor not in (width - 2, width - 1):
            drawn = Strip.join([drawn.crop(0, width - len(CUT)), mark])
        return drawn


class TextRow(FieldRow):
    """Text, numbers, paths, dates. A value too long to stand beside its caption stands below it."""

    DEFAULT_CSS = """
    TextRow.long { layout: vertical; }
    TextRow.long TextEntry { margin-left: 2; }
    """

    def compose(self) -> ComposeResult:
        yield self.caption
        self.input = TextEntry(plain(shown(self.item, self.start)), hint=_hint(self.item))
        if self.item.unit:
            self.input.styles.width = 10
        yield self.input
        if self.item.unit:
            yield OneLine(text(" " + _(self.item.unit)))

    @property
    def value(self) -> Any:
        return parsed(self.item, self.input.value)

    def refill(self, value: Any) -> None:
        self.start = value
        if self.value != value:
            with self.prevent(Input.Changed):
                self.input.value = plain(shown(self.item, value))
            self._give_room()

    def on_resize(self) -> None:
        self._give_room()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._give_room()
        self.post_message(Typed(self))

    def _give_room(self) -> None:
        """A line of its own for a long value; it is not taken back while somebody types."""
        width, beside = self.caption.styles.width, self.size.width
        room = beside - int(width.value) if width is not None else beside
        long = not self.item.unit and beside > 0 and cell_len(self.input.value) >= room
        if long or not self.input.has_focus:
            self.set_class(long, "long")


class ChoiceRow(FieldRow):
    """One of a few: closed one line, with the focus a list."""

    def compose(self) -> ComposeResult:
        yield self.caption
        self.menu = ChoiceMenu(_choices(self.item), shown(self.item, self.start), _hint(self.item))
        yield self.menu

    @property
    def value(self) -> Any:
        return parsed(self.item, self.menu.chosen)

    def refill(self, value: Any) -> None:
        self.start = value
        if not self.menu.has_focus:
            self.menu.choose(shown(self.item, value))

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        event.stop()
        self.menu.choose(event.key)
        self.post_message(Typed(self, leaving=True))
        self.screen.focus_next()

    def on_menu_marked(self, event: Menu.Marked) -> None:
        event.stop()
        if self.menu.has_focus:
            self.menu.choose(event.key)
            self.post_message(Typed(self, leaving=True))


class ChoiceMenu(Menu):
    """The choices; only the chosen one while the focus is elsewhere."""

    DEFAULT_CSS = "ChoiceMenu { width: 1fr; }"

    def __init__(self, choices: Sequence[Choice], chosen: str, hint: str) -> None:
        self.choices, self.chosen = choices, chosen
        super().__init__(self._options, hint=hint, keys=_("Up/Down choose  Enter next  Esc leave"))

    def choose(self, value: str) -> None:
        """Make another choice the one that holds."""
        if value != self.chosen:
            self.chosen = value
            self.draw_again()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Open with the focus, close without."""
        super().watch_has_focus(has_focus)
        self.draw_again()
        if has_focus:
            self.mark(self.chosen)

    def dressed(self, number: int, line: Line) -> Line:
        """No mark in front: the brackets say which one holds, and they stand under the other values."""
        if not self.has_focus:
            return line
        return (
            tuple(Cell(cell.text, cell.style or "bold") for cell in line) if self.is_marked(number) else line
        )

    def _options(self, width: int) -> Sequence[Row]:
        if not self.has_focus:
            label = next((_(one.label) for one in self.choices if one.value == self.chosen), self.chosen)
            return [Row(self.chosen, ((column(label, width),),))]
        rows = []
        for one in self.choices:
            mark = "(*) " if one.value == self.chosen else "( ) "
            lines = [
                (Cell(mark if n == 0 else "    "), *line)
                for n, line in enumerate(wrapped(_(one.label), width - 4))
            ]
            lines += (
                [(Cell("    "), *line) for line in wrapped(_(one.note), width - 4, "dim")] if one.note else []
            )
            rows.append(Row(one.value, tuple(lines)))
        return rows


def is_reference(typed: str) -> bool:
    """Whether this says where a secret comes from."""
    return bool(typed) and complaint(typed) is None


def _choices(item: Field) -> Sequence[Choice]:
    if item.kind is Kind.YES_NO:
        return (Choice("yes", _("yes")), Choice("no", _("no")))
    return item.choices


def _hint(item: Field) -> str:
    return f"{_(item.help)} {_('F2 lists them.')}" if item.offer is not None else _(item.help)


def make_row(item: Field, value: Any, caption_width: int) -> FieldRow:
    """The row for a field's kind."""
    kind: type[FieldRow] = TextRow
    if item.kind is Kind.SECRET:
        from screens.step.secret_row import SecretRow

        kind = SecretRow
    elif item.kind is Kind.YES_NO or (item.kind is Kind.CHOICE and item.choices):
        kind = ChoiceRow
    elif item.kind is Kind.MACHINES:
        from screens.step.machines import MachinesRow

        kind = MachinesRow
    return kind(item, value, caption_width)
