"""The line that a machine is typed on: its cells, and what may stand where a secret's source belongs."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from screens.step.secret_row import BEGINNINGS
from services.scenario.azure_stack.machine_rules import COLUMNS
from services.text import _


def line_of(table: Mapping[str, Any]) -> str:
    """A machine as it is typed on a line: the inverse of `from_line`."""
    cells = [str(table.get(key, "")) for key in COLUMNS]
    while cells and not cells[-1]:
        cells.pop()
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(cells)
    return buffer.getvalue().replace(",", ", ") if '"' not in buffer.getvalue() else buffer.getvalue()


def cells_of(line: str) -> list[str]:
    """The values of a line as it stands, in the order of the columns."""
    return [cell.strip() for cell in next(csv.reader([line], skipinitialspace=True), [])]


def is_begun(cell: str) -> bool:
    """Whether a cell holds the whole beginning of a reference."""
    return any(cell.startswith(one) for one in BEGINNINGS)


def may_become_reference(cell: str) -> bool:
    """Whether a cell is a reference or the beginning of one."""
    return is_begun(cell) or any(one.startswith(cell) for one in BEGINNINGS)


def no_secret() -> str:
    """What is said where a secret itself was typed."""
    return _(
        "a secret's place takes env:NAME, keyring:SERVICE/USER, file:PATH or prompt; "
        "what you typed was not kept"
    )
