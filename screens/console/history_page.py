"""What drills and failovers have left: RTO and RPO against the run before, and which drills are overdue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from screens.console import words
from screens.console.asked_page import AskedPage
from screens.console.ended import missed, path_lines
from screens.fold import Fold
from screens.lines import Lines, Menu, Row
from screens.reader import Text, page_of
from screens.style import Cell, Line, beside, cell, column, state, text, wrapped
from services.text import _, plain, rough_span

if TYPE_CHECKING:
    from pathlib import Path

    from services.evidence.history import Entry, Trend
    from services.recovery.vault import Vault
    from services.world.deadline import Deadline

ITEM = "item "
"""Before the id of an item in the key of its row."""
VERBS = ("drill", "failover", "planned-failover")


class HistoryPage(AskedPage["list[Entry]"]):
    """The runs as a menu, the newest first, then the machines that are overdue; Enter opens what is marked."""

    TITLE = "History"
    DEFAULT_CSS = """
    HistoryPage #news { height: auto; max-height: 6; }
    HistoryPage Menu { height: 1fr; overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    def read(self, vault: Vault, _deadline: Deadline) -> list[Entry]:
        from services.evidence.history import entries

        return entries(vault.world.state / "evidence")

    def compose(self) -> ComposeResult:
        yield Lines(self._lines, id="news")
        menu = Menu(self._rows)
        menu.bar = Text.bar
        yield menu
        yield Fold(menu)

    def first_focus(self) -> Widget | None:
        return self.query_one(Menu)

    def draw(self) -> None:
        if self.is_mounted:
            self.query_one("#news", Lines).draw_again()
            self.query_one(Menu).show_rows(self._rows)
            self.post_message(self.Reframe())

    @property
    def hint(self) -> str:
        """The folder of the marked run, by the name that verify takes."""
        marked = self._marked()
        if marked is None:
            return _("Checked by: lifeboat evidence verify FOLDER")
        return _("{name} is its folder of evidence; Enter opens the report.").format(name=plain(marked.name))

    def said(self, found: list[Entry], width: int) -> Sequence[Line]:
        """What cannot be in the menu: that there is nothing, and folders that cannot be read."""
        lines: list[Line] = []
        if not self._runs(found):
            lines.append(text(_("No drill or failover has left evidence here yet."), "dim"))
        for one in found:
            if one.record is None:
                said = _("{name}: cannot be read: {why}").format(name=one.name, why=plain(one.why))
                lines += wrapped(said, width, "bad")
        return lines

    def on_menu_marked(self, event: Menu.Marked) -> None:
        event.stop()
        self.post_message(self.Reframe())

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        event.stop()
        marked, id_ = self._marked(), event.key.removeprefix(ITEM)
        if marked is not None:
            self._open_report(marked)
        elif id_ != event.key:
            from screens.console.item_page import ItemPage

            self.post_message(self.Go(lambda: ItemPage(self.console, id_)))

    def _open_report(self, entry: Entry) -> None:
        from services.evidence import folder

        path = entry.path / folder.MARKDOWN
        try:
            written = path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            self.post_message(self.Say(_("{path}: {why}").format(path=path, why=plain(str(error)))))
            return
        assert entry.record is not None
        about = entry.record.identity
        title = _("Report: {verb} of {target}").format(verb=about.verb, target=plain(about.target, 40))
        self.post_message(self.Go(page_of(title, lambda width: _report(entry.path, written, width))))

    def _marked(self) -> Entry | None:
        """The run under the mark; None on a machine that is overdue."""
        key = self.query_one(Menu).marked if self.is_mounted else ""
        return next((one for one in self.answer or () if one.name == key), None)

    def _rows(self, width: int) -> Sequence[Row]:
        found = self.answer or []
        return [
            *(Row(row.entry.name, tuple(_run(row, width))) for row in self._runs(found)),
            *self._due(found, width),
        ]

    def _runs(self, found: list[Entry]) -> list[Trend]:
        from services.evidence.history import trend

        rows = [row for verb in VERBS for row in trend(found, verb)]
        return sorted(rows, key=lambda one: one.record.identity.started, reverse=True)

    def _due(self, found: list[Entry], width: int) -> list[Row]:
        from services.evidence.history import due, trend

        seen = self.console.seen
        if self.answer is None or seen is None:
            return []
        known = {item.title: item.last_drill for item in seen.items.values()}
        ids = {item.title: id_ for id_, item in seen.items.items()}
        late = [one for one in due(trend(found), known, self.now, last_drills=known) if one.overdue]
        if not late:
            return []
        title = _("Overdue: no proven drill in the last {days} days").format(days=words.OVERDUE_DAYS)
        rows = [Row("overdue", ((), *wrapped(title, width, "bold")), dead=True)]
        for one in late:
            last = _("last: {ago}").format(ago=words.ago(one.last, self.now)) if one.last else _("never")
            last += _(", as Azure says") if one.by_azure else ""
            name = max(12, min(30, width - 11 - 27))
            lead = (state("warning", 9), cell(plain(one.target), name))
            lines = beside(lead, wrapped(last, width - 9 - name, "dim"))
            id_ = ids.get(one.target)
            rows.append(Row(f"{ITEM}{id_}" if id_ else one.target, tuple(lines), dead=id_ is None))
        return rows


def _report(path: Path, written: str, width: int) -> list[Line]:
    """A record's report as it stands in its file; headings bright, and above all where it lies."""
    lines = path_lines("{path}", path, width)
    for one in written.splitlines():
        style = "bold" if one.startswith("#") else ""
        lines += wrapped(plain(one), width, style) or [text("")]
    return lines


def _run(row: Trend, width: int) -> list[Line]:
    """When it was, how it ended, and what; below, what was measured."""
    from services.evidence.history import moment

    about = row.record.identity
    at = moment(about.started)
    late = missed(row.record)
    word = _("target missed") if late and about.outcome == "done" else plain(about.outcome)
    when = (
        column(f"{at:%Y-%m-%d %H:%M}" if at else "-", 18),
        column(word, 17, "good" if word == "done" else "warn"),
    )
    measured = (Cell(" " * 18), *_measured(_("RTO"), row.rto, row.rto_change))
    return [
        *beside(when, wrapped(plain(f"{about.verb} {about.target}"), width - 35)),
        (*measured, *_measured(_("RPO"), row.rpo, row.rpo_change)),
        *beside(text(" " * 18), [text(one, "warn") for one in late]),
    ]


def _measured(name: str, value: float | None, change: float | None) -> Line:
    """A measure and how it moved against the run before."""
    if value is None:
        return (column(f"{name} -", 20, "dim"),)
    moved = f" ({'+' if change > 0 else '-'}{rough_span(abs(change))})" if change else ""
    return (column(f"{name} {rough_span(value)}{moved}", 20, "warn" if change and change > 0 else ""),)
