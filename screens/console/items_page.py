"""Protected items: where each stands, and what can be done with it now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input

from screens.commands import BACK, Command
from screens.console import words
from screens.console.commands import JOBS, LOOK
from screens.console.items_rows import SORTS, headings, orders, row
from screens.console.trouble import pace, trouble_lines
from screens.console.vault_desk import VaultDesk
from screens.lines import Lines
from screens.page import Heading, Page
from screens.style import Line, text, wrapped
from screens.table import Table
from services.recovery.item import CLEANUP_PENDING
from services.text import _, plain

if TYPE_CHECKING:
    from services.recovery.item import ProtectedItem

DRILL = Command("drill", "d", "drill", "A drill of the picked items, else of the marked one")
PICK = Command("pick", "space", "pick", "Pick the item for a drill of several, or let it go again")
SORT = Command("sort", "s", "sort", "Sort by name, state, RPO or last drill")
FILTER = Command("filter", "f", "filter", "Show only items whose name or state holds a text")
SERVERS = Command("servers", "v", "servers", "Configuration and process servers")
PLANS = Command("plans", "p", "plans", "Recovery plans")
HISTORY = Command("history", "h", "history", "RTO and RPO of past runs, overdue drills")


class Filter(Input):
    """The text that items are filtered by."""

    DEFAULT_CSS = """
    Filter { display: none; background: ansi_default; text-style: underline; }
    Filter:focus { background-tint: ansi_default 0%; }
    Filter.open { display: block; }
    """
    takes_text = True


class ItemsPage(Page):
    """A table of the vault's items."""

    DEFAULT_CSS = """
    ItemsPage #news { height: auto; max-height: 40%; }
    ItemsPage.unread #news { max-height: 100%; }
    ItemsPage #columns { height: 1; }
    """

    def __init__(self, console: VaultDesk) -> None:
        super().__init__()
        self.console = console
        self._left = console.items_left
        self._back_to = self._left.mark

    def compose(self) -> ComposeResult:
        yield Lines(self._news, id="news")
        wanted = self._left.wanted
        placeholder = _("part of a name or state")
        field = Filter(wanted, placeholder=placeholder, compact=True, classes="open" if wanted else "")
        field.cursor_blink = False
        yield field
        yield Lines(self._columns, id="columns")
        yield Table(self._row)

    def on_mount(self) -> None:
        self.console.want_trees(())
        if self.console.seen is None:
            self.console.open()
        self.draw()
        self.set_interval(60, self.draw)  # ages in words change at most once a minute

    # What is shown ----------------------------------------------------------------------------------

    @property
    def heading(self) -> Heading:
        seen = self.console.seen
        if seen is None:
            return Heading(_("Protected items"), "" if self.console.trouble else _("looking ..."))
        running = sum(not job.over for job in seen.jobs.values())
        count = words.several(len(seen.items), _("1 item"), _("{count} items"))
        if self._left.wanted:
            count = _("{shown} of {items}").format(shown=self.query_one(Table).count, items=count)
        parts = [
            count,
            words.several(running, _("1 job runs"), _("{count} jobs run")) if running else _("no job runs"),
        ]
        if self.console.marked:
            parts.insert(0, _("{count} picked").format(count=len(self.console.marked)))
        return Heading(_("Protected items"), "   ".join(parts))

    @property
    def commands(self) -> tuple[Command, ...]:
        if self.console.vault is None or (self.console.seen is None and self.console.trouble):
            return (LOOK, BACK)
        over = (JOBS, PLANS, SERVERS, HISTORY, LOOK, BACK)
        return (DRILL, FILTER, SORT, PICK, *over) if self.console.seen and self.console.seen.items else over

    @property
    def hint(self) -> str:
        opens = (
            _("Enter opens the item: its points, settings, and every verb.")
            if self.query_one(Table).count
            else ""
        )
        return f"{opens} {pace(self.console)}".strip()

    def first_focus(self) -> Widget | None:
        return self.query_one(Table)

    def draw(self) -> None:
        self.set_class(self.console.seen is None, "unread")
        self.query_one("#news", Lines).draw_again()
        self.query_one(Table).show(self._keys(), self._back_to)
        self._back_to = ""
        self.query_one("#columns", Lines).draw_again()
        self.post_message(self.Reframe())

    def _news(self, width: int) -> Sequence[Line]:
        lines = trouble_lines(self.console, width)
        seen = self.console.seen
        if seen is None:
            return lines or [text(_("Asking Azure for the vault's items ..."), "dim")]
        pending = [item for item in seen.items.values() if item.phase == CLEANUP_PENDING]
        if pending:
            names = ", ".join(self._waiting(item) for item in pending[:5]) + (
                " ..." if len(pending) > 5 else ""
            )
            said = _("Not cleaned up after a drill: {names}. Each costs a machine by the hour and its disks.")
            lines += wrapped(said.format(names=names), width, "warn")
        for about in self.console.cut_off:
            said = _("Begun and not over: {verb} of {names}. Its page goes on with it.")
            # A recovery plan's run holds its machines too; the plan's name says it.
            whole = "replicationrecoveryplans" in about.targets[0].lower()
            names = ", ".join(about.names[:1] if whole else about.names)
            lines += wrapped(plain(said.format(verb=about.verb, names=names)), width, "warn")
        if self._left.wanted and not self._keys():
            said = _("No item's name or state holds '{text}'. Esc shows all.")
            lines += wrapped(said.format(text=plain(self._left.wanted, 40)), width, "dim")
        if not seen.items:
            said = _("Nothing is protected in this vault. The set-up on the first page protects machines.")
            lines += wrapped(said, width, "dim")
        return lines

    def _waiting(self, item: ProtectedItem) -> str:
        """An item whose drill waits for its clean-up, and since when."""
        age = words.age(item.since, self.now)
        return f"{plain(item.title, 30)} ({age})" if age else plain(item.title, 30)

    def _columns(self, _width: int) -> Sequence[Line]:
        table = self.query_one(Table)
        return [headings(table.room)] if table.count else []

    def _row(self, key: str, width: int) -> Line:
        seen = self.console.seen
        item = seen.items.get(key) if seen is not None else None
        if seen is None or item is None:
            return ()
        return row(item, width, seen.thresholds, self.now, picked=key in self.console.marked)

    @property
    def now(self) -> datetime:
        assert self.console.vault is not None
        return self.console.vault.world.clock.now()

    def _keys(self) -> list[str]:
        seen = self.console.seen
        if seen is None:
            return []
        items = [item for item in seen.items.values() if self._shows(item)]
        return [item.id for item in sorted(items, key=orders()[SORTS[self._left.sort]])]

    def _shows(self, item: ProtectedItem) -> bool:
        wanted = self._left.wanted.lower()
        return not wanted or wanted in f"{item.title} {item.word} {words.health(item.health)}".lower()

    # What is done -----------------------------------------------------------------------------------

    def do_sort(self) -> None:
        self._left.sort = (self._left.sort + 1) % len(SORTS)
        self.draw()
        titles = {
            "name": _("name"),
            "state": _("state"),
            "rpo": _("RPO, the worst first"),
            "drill": _("last drill, the oldest first"),
        }
        self.post_message(self.Say(_("Sorted by {what}.").format(what=titles[SORTS[self._left.sort]])))

    def do_filter(self) -> None:
        field = self.query_one(Filter)
        field.add_class("open")
        field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._left.wanted = event.value.strip()
        self.draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(Table).focus()
        self.query_one(Filter).set_class(bool(event.value.strip()), "open")

    def do_drill(self) -> None:
        from screens.console.drill_errands import DrillErrand
        from screens.console.errand_page import ErrandPage

        seen = self.console.seen
        wanted = self.console.marked or {self.query_one(Table).marked}
        items = tuple(item for id_, item in seen.items.items() if id_ in wanted) if seen is not None else ()
        if items:
            self.post_message(self.Go(lambda: ErrandPage(self.console, DrillErrand(items))))

    def do_pick(self) -> None:
        key = self.query_one(Table).marked
        if key:
            self.console.marked ^= {key}
            self.draw()

    def do_jobs(self) -> None:
        from screens.console.jobs_page import VaultJobsPage

        self.post_message(self.Go(lambda: VaultJobsPage(self.console)))

    def do_servers(self) -> None:
        from screens.console.servers_page import ServersPage

        self.post_message(self.Go(lambda: ServersPage(self.console)))

    def do_plans(self) -> None:
        from screens.console.plans_page import PlansPage

        self.post_message(self.Go(lambda: PlansPage(self.console)))

    def do_history(self) -> None:
        from screens.console.history_page import HistoryPage

        self.post_message(self.Go(lambda: HistoryPage(self.console)))

    def do_look(self) -> None:
        self.console.look()

    def on_table_marked(self, event: Table.Marked) -> None:
        event.stop()
        self._left.mark = event.key

    def on_table_chosen(self, event: Table.Chosen) -> None:
        from screens.console.item_page import ItemPage

        event.stop()
        key = event.key
        self.post_message(self.Go(lambda: ItemPage(self.console, key)))

    def escape(self) -> None:
        """Esc closes the filter first."""
        field = self.query_one(Filter)
        if field.has_class("open"):
            field.value = ""
            self.query_one(Table).focus()
            field.remove_class("open")
        else:
            self.do_back()
