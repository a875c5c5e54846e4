"""Lines of styled text on Textual's line interface: only lines that changed are painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.containers import VerticalScroll
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from screens.style import Cell, Line, strip

Draw = Callable[[int], Sequence[Line]]
"""The lines for a width in cells."""


class Lines(ScrollView, can_focus=False):
    """Text that is drawn again for each width. It is as high as its lines where its height is auto."""

    DEFAULT_CSS = "Lines { height: auto; overflow-x: hidden; }"
    bar = 0
    """Cells at the right that a scrollbar may cover: nothing is drawn there."""

    def __init__(
        self, draw: Draw | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._draw: Draw = draw or (lambda _width: ())
        self._drawn: tuple[Line, ...] = ()
        self._width = 0

    @property
    def lines(self) -> tuple[Line, ...]:
        """What stands there now."""
        return self._drawn

    def show(self, draw: Draw) -> None:
        """Draw other lines; what stays the same is not painted again."""
        self._draw = draw
        self.draw_again()

    def draw_again(self) -> None:
        """Take the lines afresh."""
        if not self._width:
            return
        before, self._drawn = self._drawn, tuple(self._draw(self._width - self.bar))
        if len(before) != len(self._drawn):
            self.virtual_size = Size(self._width, len(self._drawn))
            self.refresh(layout=True)
        else:
            for y, (old, new) in enumerate(zip(before, self._drawn, strict=True)):
                if old != new:
                    self.refresh_line(y)

    def on_resize(self, event: events.Resize) -> None:
        """Lines are made for a width, so a new width makes new lines."""
        if event.size.width != self._width:
            self._width = event.size.width
            self._drawn = ()
            self.draw_again()
            self.refresh()

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        """The number of lines at this width."""
        if width != self._width and width > 0:
            self._width = width
            self._drawn = tuple(self._draw(width - self.bar))
            self.virtual_size = Size(width, len(self._drawn))
        return len(self._drawn)

    def render_line(self, y: int) -> Strip:
        """One line of the visible part."""
        number = y + self.scroll_offset.y
        width, base = self.size.width, self.rich_style
        if not 0 <= number < len(self._drawn):
            return Strip.blank(width, base)
        return strip(self.dressed(number, self._drawn[number]), base, width)

    def dressed(self, _number: int, line: Line) -> Line:
        """A line as it is shown; subclasses mark the one with the cursor."""
        return line


@dataclass(frozen=True)
class Row:
    """What can be chosen in a menu: one line or more, the first with the mark. `key` names it."""

    key: str
    lines: tuple[Line, ...]
    dead: bool = False
    """Shown, not to be chosen: a heading, a blank line."""


Rows = Callable[[int], Sequence[Row]]


class Menu(Lines, can_focus=True):
    """Rows with a mark that the arrows move. At the ends the focus goes on to what is before or behind."""

    DEFAULT_CSS = "Menu { height: auto; }"

    @dataclass
    class Chosen(Message):
        """Enter was pressed on a row."""

        menu: Menu
        key: str

    @dataclass
    class Marked(Message):
        """The mark has moved to a row."""

        menu: Menu
        key: str

    def __init__(
        self,
        rows: Rows | None = None,
        *,
        hint: str = "",
        keys: str = "Up/Down move  Enter open",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        self._rows: Rows = rows or (lambda _width: ())
        self._made: list[Row] = []
        self._starts: list[int] = []
        self._index = 0
        self._wanted = ""
        self.hint, self.keys = hint, keys
        super().__init__(self._flat, id=id, classes=classes)

    @property
    def marked(self) -> str:
        """The key of the marked row; empty where there is none."""
        return self._made[self._index].key if 0 <= self._index < len(self._made) else ""

    @property
    def row_keys(self) -> list[str]:
        """The keys of the rows that can be chosen."""
        return [row.key for row in self._made if not row.dead]

    def show_rows(self, rows: Rows, mark: str | None = None) -> None:
        """Other rows. The mark stays on its key, or goes to `mark`."""
        wanted = (self.marked or self._wanted) if mark is None else mark
        self._rows = rows
        self.draw_again()
        self.mark(wanted)

    def mark(self, key: str) -> None:
        """Put the mark on a row; on the first one where the key is not there."""
        if not self._made:
            self._wanted = key
            return
        live = [number for number, row in enumerate(self._made) if not row.dead]
        found = next((number for number in live if self._made[number].key == key), live[0] if live else 0)
        self._move_to(found)

    def on_resize(self, event: events.Resize) -> None:
        """With the first width come the first rows, and with them the first mark."""
        first = not self._width
        super().on_resize(event)
        if first and self.marked:
            self.post_message(self.Marked(self, self.marked))
        # Another height may have put the mark out of sight.
        self.call_after_refresh(lambda: self._move_to(self._index))

    def _flat(self, width: int) -> Sequence[Line]:
        wanted = self._wanted or self.marked
        self._made = list(self._rows(max(1, width - 2)))
        flat: list[Line] = []
        self._starts = []
        for row in self._made:
            self._starts.append(len(flat))
            flat.extend(row.lines)
        if self._made:
            self._wanted = ""
            live = [number for number, row in enumerate(self._made) if not row.dead]
            same = (number for number in live if self._made[number].key == wanted)
            self._index = next(same, self._index if self._index in live else (live or [0])[0])
        return flat

    def dressed(self, number: int, line: Line) -> Line:
        """Two cells for the mark, which is bright while the menu has the focus."""
        if not self.is_marked(number):
            return (Cell("  "), *line)
        style = "accent" if self.has_focus else "dim"
        bold = tuple(Cell(cell.text, cell.style or "bold") for cell in line) if self.has_focus else line
        return (Cell("> ", style), *bold)

    def is_marked(self, number: int) -> bool:
        """Whether the mark is on this line."""
        at = self._starts[self._index] if self._index < len(self._starts) else -1
        return number == at and not self._made[self._index].dead

    def on_focus(self) -> None:
        self._repaint_row(self._index)

    def on_blur(self) -> None:
        self._repaint_row(self._index)

    def on_key(self, event: events.Key) -> None:
        """Arrows, page keys, Home and End; Enter chooses. Letters are commands here."""
        steps = {"up": -1, "down": 1}
        if self.size.height < self.virtual_size.height:
            # A menu that is in sight whole leaves these to the page around it.
            steps |= {"pageup": -10, "pagedown": 10}
        if event.key in steps:
            event.stop()
            self._step(steps[event.key])
        elif event.key in ("home", "end"):
            event.stop()
            live = [number for number, row in enumerate(self._made) if not row.dead]
            if live:
                self._move_to(live[0 if event.key == "home" else -1])
        elif event.key in ("enter", "space") and self.marked and not self._made[self._index].dead:
            event.stop()
            self.post_message(self.Chosen(self, self.marked))

    def on_click(self, event: events.Click) -> None:
        """The mouse, where it is on, chooses too."""
        number = event.y + self.scroll_offset.y
        row = max((n for n, start in enumerate(self._starts) if start <= number), default=-1)
        if row >= 0 and not self._made[row].dead:
            self._move_to(row)
            self.post_message(self.Chosen(self, self.marked))

    def _step(self, by: int) -> None:
        live = [number for number, row in enumerate(self._made) if not row.dead]
        if not live:
            self._leave(by)
            return
        place = live.index(self._index) if self._index in live else 0
        if (by == -1 and place == 0) or (by == 1 and place == len(live) - 1):
            self._leave(by)
            return
        self._move_to(live[max(0, min(len(live) - 1, place + by))])

    def _leave(self, by: int) -> None:
        if by < 0:
            self.screen.focus_previous()
        else:
            self.screen.focus_next()

    def _move_to(self, index: int) -> None:
        before, self._index = self._index, index
        if before != index:
            self._repaint_row(before)
            self._repaint_row(index)
            self.post_message(self.Marked(self, self.marked))
        if index < len(self._starts):
            self._into_view(self._starts[index], len(self._made[index].lines))

    def _into_view(self, top: int, height: int) -> None:
        """Bring a row into sight, here or, where this menu is as high as its rows, in the page around it."""
        region = Region(0, top, self.size.width, height)
        if self.size.height < self.virtual_size.height:
            self.scroll_to_region(region, animate=False)
        elif isinstance(self.parent, Widget) and self.has_focus:
            for around in self.ancestors:
                if isinstance(around, VerticalScroll):
                    around.scroll_to_region(region.translate(self.virtual_region.offset), animate=False)
                    return

    def _repaint_row(self, index: int) -> None:
        if index < len(self._starts):
            self.refresh_line(self._starts[index])
