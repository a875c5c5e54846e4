"""The table of the console: what stands in a row is seen whole, beside a scroll bar too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from screens.console.items_rows import row
from screens.style import Line, as_text, column
from screens.table import Table
from services.recovery.item import parse_item
from tests.screens.driving import driven


class Rows(App[None]):
    """A table alone, each row with an age at its right end."""

    def compose(self) -> ComposeResult:
        yield Table(self._row)

    def _row(self, key: str, width: int) -> Line:
        return (column(key, width - 4), column("24 d", 4, right=True))


@pytest.mark.parametrize("count", [3, 60])
@driven
async def test_the_end_of_a_row_is_not_under_the_scroll_bar(count: int) -> None:
    app = Rows()
    async with app.run_test(size=(60, 10)) as pilot:
        app.query_one(Table).show([f"row {number}" for number in range(count)])
        await pilot.pause()
        strips = app.screen._compositor.render_strips()[: min(count, 10)]
        end = 59 if count > 10 else 60  # the last column is the scroll bar's
        seen = ["".join(segment.text for segment in strip)[:end] for strip in strips]
        assert [line for line in seen if not line.rstrip().endswith("24 d")] == []


@driven
async def test_a_mark_that_is_brought_back_is_in_sight() -> None:
    app = Rows()
    async with app.run_test(size=(60, 10)) as pilot:
        app.query_one(Table).show([f"row {number}" for number in range(60)], "row 40")
        await pilot.pause()
        shown = "".join(segment.text for strip in app.screen._compositor.render_strips() for segment in strip)
        assert "> row 40" in shown


@pytest.mark.parametrize("width", [36, 56, 76, 116])
def test_columns_of_items_do_not_touch(width: int) -> None:
    about = {
        "friendlyName": "a" * 40,
        "testFailoverState": "WaitingForCompletion",
        "replicationHealth": "Normal",
    }
    item = parse_item({"id": "/x/replicationProtectedItems/a", "name": "a", "properties": about})
    shown = as_text([row(item, width, {}, datetime(2026, 11, 21, tzinfo=UTC), picked=False)])
    assert cell_len(shown) <= width
    name, state, *_rest = shown.replace("cleanup pending", "cleanup-pending").split()
    assert name.startswith("aaa")
    assert state.startswith("cle")
    assert "cleanup pending" in shown or width < 56
