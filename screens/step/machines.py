"""The list of machines on its step: a table that is edited line by line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from screens.lines import Lines, Menu, Row
from screens.page import Page
from screens.step.fields import FieldRow, TextEntry, Typed, is_reference
from screens.step.machine_line import cells_of, is_begun, line_of, may_become_reference, no_secret
from screens.style import Cell, Line, column, text, wrapped
from services.scenario.azure_stack.machine_list import from_line, from_typed, mistakes_of
from services.scenario.azure_stack.machine_rules import COLUMNS
from services.scenario.model import Choice, Field
from services.scenario.validate import SECRET_COLUMNS
from services.text import _, plain

SECRET_PLACES = tuple(COLUMNS.index(key) for key in SECRET_COLUMNS)
ADD = "add"
EMPTY = {"name": "", "address": "", "os": ""}
LABELS = {
    "name": "name",
    "address": "private address",
    "os": "os: Windows or Linux",
    "user": "user",
    "secret": "password from env:NAME, file:PATH or prompt",
    "mobility": "push or installed",
    "fingerprint": "SSH fingerprint",
    "key": "private key file",
    "passphrase": "its passphrase from",
    "winrm": "WinRM way",
}
"""What stands above the line that is typed, by column."""


class MachinesRow(FieldRow):
    """One machine a line; Enter edits it, a adds, x removes, u undoes that, i takes from a file or the Hub."""

    DEFAULT_CSS = """
    MachinesRow Vertical { height: auto; }
    MachinesRow .table { max-height: 8; overflow-y: auto; }
    MachinesRow.editing .table { max-height: 3; }
    MachinesRow .labels, MachinesRow TextEntry { display: none; }
    MachinesRow.editing .labels, MachinesRow.editing TextEntry { display: block; }
    """

    def __init__(self, item: Field, value: Any, caption_width: int = 0) -> None:
        super().__init__(item, value, caption_width)
        self.tables = [dict(table) for table in value] if isinstance(value, list) else []
        self.place: int | None = None
        self.dropped: list[tuple[int, dict[str, Any]]] = []
        """Machines that were taken out while this page was open, with where they stood."""
        self._refused: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        with Vertical():
            yield self.caption
            hint = _("The machines to protect, one a line. a adds one, i imports a list, x removes one.")
            yield Menu(self._rows, hint=hint, keys=_("Enter edit"), classes="table")
            yield Lines(self._labels, classes="labels")
            yield MachineEntry("", hint=_("Put a comma between values. Enter keeps the line, Esc drops it."))
            yield Lines(self._mistakes, classes="mistakes")

    def on_mount(self) -> None:
        self._count()

    @property
    def wrong(self) -> str:
        return "\n".join(self._refused)

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
        self._refuse(())
        self.label_again()
        entry.focus()

    def add(self) -> None:
        self.edit(len(self.tables))

    def drop(self) -> str:
        """Take the marked machine out of the list; returns its name, empty where none is marked."""
        place = self._marked()
        if place is None:
            return ""
        table = self.tables.pop(place)
        self.dropped.append((place, table))
        self._changed()
        return plain(str(table.get("name", "")), 64) or "-"

    def put_back(self) -> str:
        """Put the machine back that was taken out last; returns its name, empty where there is none."""
        if not self.dropped:
            return ""
        place, table = self.dropped.pop()
        self.tables.insert(min(place, len(self.tables)), table)
        self._changed()
        return plain(str(table.get("name", "")), 64) or "-"

    def keep_entry(self) -> None:
        """Take the typed line into the list; one with a mistake stays open, with its mistakes below it."""
        entry, place = self.query_one(MachineEntry), self.place
        if self._drop_secrets(is_reference):
            return
        if place is None or not entry.value.strip():
            self.close_entry()
            return
        typed = from_typed(entry.value, self.tables, place + 1)
        self._refuse(typed.mistakes)
        if not typed.mistakes:
            self.tables[place : place + 1] = [{**EMPTY, **typed.values}]
            self._changed()
            self.close_entry()

    def on_input_changed(self, event: Input.Changed) -> None:
        """A secret itself is taken out as soon as it can be no reference any more."""
        event.stop()
        if not self._drop_secrets(may_become_reference) and self._refused == (no_secret(),):
            cells = cells_of(event.value)
            if any(is_begun(cells[at]) for at in SECRET_PLACES if at < len(cells)):
                self._refuse(())

    def _drop_secrets(self, will_do: Callable[[str], bool]) -> bool:
        """Take out of the line what stands where a secret's source belongs and is none; say so."""
        entry = self.query_one(MachineEntry)
        cells = cells_of(entry.value)
        bad = [at for at in SECRET_PLACES if at < len(cells) and cells[at] and not will_do(cells[at])]
        if not bad:
            return False
        for at in bad:
            cells[at] = ""
        with self.prevent(Input.Changed):
            entry.value = ", ".join(cells)
        entry.cursor_position = len(", ".join(cells[: bad[0] + 1]))
        self._refuse((no_secret(),))
        return True

    def close_entry(self) -> None:
        """Close the line; what stands in it is not taken."""
        place, self.place = self.place, None
        self.set_class(False, "editing")
        self._refuse(())
        self.menu.focus()
        self.menu.mark(str(place) if place is not None and place < len(self.tables) else ADD)

    def label_again(self) -> None:
        """The cursor stands elsewhere: another label is bright."""
        self.query_one(".labels", Lines).draw_again()

    def _refuse(self, mistakes: Sequence[str]) -> None:
        self._refused = tuple(mistakes)
        shown = self.query_one(".mistakes", Lines)
        shown.draw_again()
        if mistakes:
            self.call_after_refresh(shown.scroll_visible, animate=False)
        self.post_message(Page.Reframe())

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
        self.query_one(".mistakes", Lines).draw_again()
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
        rows = [
            Row(str(number), (_table_line(number + 1, table, width),))
            for number, table in enumerate(self.tables)
        ]
        return [*rows, Row(ADD, (text(_("add a machine"), "dim"),))]

    def _labels(self, width: int) -> Sequence[Line]:
        entry = self.query_one(MachineEntry)
        here = min(entry.value[: entry.cursor_position].count(","), len(COLUMNS) - 1)
        number = (self.place or 0) + 1
        lines = [text(_("Machine {number}: type its values, as far as needed").format(number=number), "bold")]
        for at, key in enumerate(COLUMNS):
            label = _(LABELS[key]) + ("," if at < len(COLUMNS) - 1 else "")
            cell = Cell(f"{label} ", "accent" if at == here else "dim")
            if at and sum(len(one.text) for one in lines[-1]) + len(label) <= width and len(lines) > 1:
                lines[-1] = (*lines[-1], cell)
            else:
                lines.append((cell,))
        return lines

    def _mistakes(self, width: int) -> Sequence[Line]:
        said = self._refused or (mistakes_of(self.tables) if self.place is None else ())
        return [line for one in said for line in wrapped(plain(one), width, "bad", indent="  ")]


class MachineEntry(TextEntry):
    """The line being edited."""

    @property
    def table(self) -> MachinesRow:
        return next(node for node in self.ancestors if isinstance(node, MachinesRow))

    def wants_enter(self) -> bool:
        return True

    def action_submit(self) -> None:  # type: ignore[override]
        self.table.keep_entry()

    def watch_selection(self) -> None:
        if self.is_mounted:
            self.table.label_again()

    def on_text_entry_left(self, event: TextEntry.Left) -> None:
        event.stop()
        self.table.close_entry()


def _table_line(number: int, table: Mapping[str, str], width: int) -> tuple[Cell, ...]:
    rest = "  ".join(plain(str(table[key]), 40) for key in COLUMNS[3:] if table.get(key))
    name, address, system = (plain(str(table.get(key, "")), 64) for key in COLUMNS[:3])
    return (
        column(str(number), 3, "dim", right=True),
        Cell(" "),
        column(name or "-", 14),
        Cell(" "),
        column(address or "-", 15),
        Cell(" "),
        column(system or "-", 8),
        column(rest, max(0, width - 43), "dim"),
    )


def clean(table: Mapping[str, Any]) -> dict[str, str]:
    """A table with text values. A password that stands where its source belongs is dropped, never kept."""
    kept = {key: str(table.get(key, "")).strip() for key in COLUMNS if str(table.get(key, "")).strip()}
    for key in SECRET_COLUMNS:
        if key in kept and not is_reference(kept[key]):
            kept[key] = "prompt"
    return {**EMPTY, **kept}


def from_choice(choice: Choice) -> dict[str, str]:
    """The machine behind a choice of an inventory."""
    return from_line(choice.value)
