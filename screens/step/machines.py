"""The list of machines on its step: a table that is edited line by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from screens.lines import Menu, Row
from screens.step.fields import FieldRow, TextEntry, Typed, is_reference
from screens.style import Cell, column, text
from services.scenario.azure_stack.machine_list import COLUMNS, from_csv_file, from_line
from services.scenario.model import Choice, Field
from services.text import _, plain

ADD = "add"
SHAPE = "name, address, Windows or Linux, user, env:NAME, push or installed"
EMPTY = {"name": "", "address": "", "os": ""}


class MachinesRow(FieldRow):
    """One machine a line; Enter edits it, a adds, x removes, i takes from a CSV file or an inventory."""

    DEFAULT_CSS = """
    MachinesRow Vertical { height: auto; }
    MachinesRow .table { max-height: 8; overflow-y: auto; }
    MachinesRow TextEntry { display: none; }
    MachinesRow.editing TextEntry { display: block; }
    """

    class Edited(Message):
        """The line being edited was opened or closed."""

    def __init__(self, item: Field, value: Any, caption_width: int = 0) -> None:
        super().__init__(item, value, caption_width)
        self.tables = [dict(table) for table in value] if isinstance(value, list) else []
        self.place: int | None = None

    def compose(self) -> ComposeResult:
        with Vertical():
            yield self.caption
            keys = _("Enter edit")
            yield Menu(self._rows, hint=_(self.item.help), keys=keys, classes="table")
            yield MachineEntry(
                "", hint=_("{shape}. Enter keeps it, Esc leaves it as it was.").format(shape=SHAPE)
            )

    def on_mount(self) -> None:
        self._count()

    @property
    def menu(self) -> Menu:
        return self.query_one(Menu)

    @property
    def value(self) -> Any:
        return [{key: cell for key, cell in table.items() if cell} for table in self.tables]

    def refill(self, value: Any) -> None:
        self.start = value
        if isinstance(value, list) and self.place is None and value != self.value:
            self.tables = [dict(table) for table in value]
            self._redraw()

    # Editing ----------------------------------------------------------------------------------------

    def edit(self, place: int) -> None:
        """Open a line in the field below the table."""
        self.place = place
        entry = self.query_one(MachineEntry)
        entry.value = line_of(self.tables[place]) if place < len(self.tables) else ""
        entry.cursor_position = len(entry.value)
        self.set_class(True, "editing")
        entry.focus()

    def add(self) -> None:
        self.edit(len(self.tables))

    def drop(self) -> None:
        """Take the marked machine out of the list."""
        place = self._marked()
        if place is not None:
            del self.tables[place]
            self._changed()

    def take(self, tables: Sequence[Mapping[str, Any]]) -> int:
        """Add machines that are not in the list yet, by name; returns how many those are."""
        known = {str(table.get("name", "")).lower() for table in self.tables}
        fresh = [clean(table) for table in tables if str(table.get("name", "")).lower() not in known]
        self.tables += fresh
        self._changed()
        return len(fresh)

    def take_csv(self, path: str) -> tuple[int, tuple[str, ...]]:
        """Add the machines of a CSV file; nothing is added where it has mistakes, which are returned."""
        listed = from_csv_file(str(Path(path).expanduser()))
        if listed.mistakes:
            return 0, listed.mistakes
        return self.take([entry.values for entry in listed.entries]), ()

    def close_entry(self, *, keep: bool) -> None:
        """Close the line; what was typed is kept or dropped."""
        entry, place = self.query_one(MachineEntry), self.place
        self.place = None
        self.set_class(False, "editing")
        if keep and place is not None and entry.value.strip():
            table = clean(from_line(entry.value))
            self.tables[place : place + 1] = [table]
            self._changed()
        self.menu.focus()
        self.menu.mark(str(place) if place is not None and place < len(self.tables) else ADD)

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        event.stop()
        self.edit(len(self.tables) if event.key == ADD else int(event.key))

    def on_menu_marked(self, event: Menu.Marked) -> None:
        event.stop()

    def _marked(self) -> int | None:
        key = self.menu.marked
        return int(key) if key.isdigit() and int(key) < len(self.tables) else None

    def _changed(self) -> None:
        self.touched = True
        self._redraw()
        self.post_message(Typed(self, leaving=True))

    def _redraw(self) -> None:
        self.menu.show_rows(self._rows)
        self._count()

    def _count(self, *, focused: bool = False) -> None:
        self.caption.styles.width = "1fr"
        mark = "> " if focused else "  "
        style = "accent" if focused else ""
        self.caption.show(text(f"{mark}{_(self.item.caption)}   {len(self.tables)}", style))

    def on_descendant_focus(self, _event: object) -> None:
        self._count(focused=True)

    def on_descendant_blur(self, _event: object) -> None:
        self._count()

    def _rows(self, width: int) -> Sequence[Row]:
        rows = [Row(str(number), (_table_line(table, width),)) for number, table in enumerate(self.tables)]
        return [*rows, Row(ADD, (text(_("add a machine"), "dim"),))]


class MachineEntry(TextEntry):
    """The line being edited."""

    @property
    def table(self) -> MachinesRow:
        return next(node for node in self.ancestors if isinstance(node, MachinesRow))

    def wants_enter(self) -> bool:
        return True

    def action_submit(self) -> None:  # type: ignore[override]
        self.table.close_entry(keep=True)

    def on_text_entry_left(self, event: TextEntry.Left) -> None:
        event.stop()
        self.table.close_entry(keep=False)


def _table_line(table: Mapping[str, str], width: int) -> tuple[Cell, ...]:
    rest = "  ".join(plain(str(table[key]), 40) for key in COLUMNS[3:] if table.get(key))
    name, address, system = (plain(str(table.get(key, "")), 64) for key in COLUMNS[:3])
    return (
        column(name or "-", 14),
        Cell(" "),
        column(address or "-", 15),
        Cell(" "),
        column(system or "-", 8),
        column(rest, max(0, width - 39), "dim"),
    )


def line_of(table: Mapping[str, Any]) -> str:
    """A machine as it is typed on a line: the inverse of `from_line`."""
    cells = [str(table.get(key, "")) for key in COLUMNS]
    while cells and not cells[-1]:
        cells.pop()
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(cells)
    return buffer.getvalue().replace(",", ", ") if '"' not in buffer.getvalue() else buffer.getvalue()


def clean(table: Mapping[str, Any]) -> dict[str, str]:
    """A table with text values. A password that stands where its source belongs is dropped, never kept."""
    kept = {key: str(table.get(key, "")).strip() for key in COLUMNS if str(table.get(key, "")).strip()}
    if "secret" in kept and not is_reference(kept["secret"]):
        kept["secret"] = "prompt"
    return {**EMPTY, **kept}


def from_choice(choice: Choice) -> dict[str, str]:
    """The machine behind a choice of an inventory."""
    return from_line(choice.value)
