"""The findings of a step: a table that fills in place, a detail with evidence, and what can be done about it.

Without a target the rows are machines and things; with one they are the findings of that machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.timer import Timer
from textual.widget import Widget

from screens import finding_lines
from screens.desk import Desk
from screens.finding_commands import FindingCommands
from screens.lines import Lines, Menu, Row
from screens.page import Heading
from screens.state import Phase
from screens.step.report import WORST_FIRST, worst_first
from screens.style import Cell, Line, column, state, text, wrapped
from services.readiness.model import Finding, Status
from services.text import _, plain

BATCH = 0.25
"""Real seconds between two drawings of a table that fills."""
NOT_OK = "not ok"


class FindingsPage(FindingCommands):
    """Machines or findings in rows, the worst on top; below them the marked one in detail."""

    DEFAULT_CSS = """
    FindingsPage Menu { height: 1fr; min-height: 5; overflow-y: auto; scrollbar-size-vertical: 1; }
    FindingsPage #detail { height: auto; max-height: 11; }
    FindingsPage #note { height: auto; max-height: 2; }
    """

    def __init__(self, desk: Desk, step_id: str, target: str = "") -> None:
        super().__init__()
        self.desk, self.step_id, self.target = desk, step_id, target
        self._due: Timer | None = None
        self._mark, self.states_shown = desk.step(step_id).place.get(target, ("", ""))

    # What is shown ----------------------------------------------------------------------------------

    @property
    def groups(self) -> dict[str, list[Finding]]:
        """The findings by row, the worst first, in each and over all, as far as the filter lets them through."""
        found: dict[str, list[Finding]] = {}
        for one in worst_first(self.desk.step(self.step_id).findings):
            if not self.target:
                found.setdefault(one.target, []).append(one)
            elif one.target == self.target:
                found[one.id] = [one]
        return {key: ones for key, ones in found.items() if self._shows(ones)}

    def _shows(self, ones: Sequence[Finding]) -> bool:
        wanted = self.states_shown
        if wanted == NOT_OK:
            return ones[0].status is not Status.OK
        return not wanted or any(one.status == wanted for one in ones)

    @property
    def filters(self) -> list[str]:
        """What f goes through: all, what is not ok, then each state that there is."""
        found = {one.status for one in self.desk.step(self.step_id).findings}
        return ["", NOT_OK, *(status.value for status in WORST_FIRST if status in found)]

    @property
    def marked(self) -> Finding | None:
        """The finding of the marked row: of a machine the worst, or the first of the state that is shown."""
        ones = self.groups.get(self.query_one(Menu).marked, ())
        wanted = [one for one in ones if one.status == self.states_shown]
        return next(iter(wanted or ones), None)

    @property
    def filling(self) -> bool:
        """Whether a look at everything is under way."""
        return self.desk.step(self.step_id).phase is Phase.LOOKING

    def compose(self) -> ComposeResult:
        yield Lines(self._note, id="note")
        yield Menu(self._rows, keys=_("Enter open"))
        yield Lines(self._detail, id="detail")

    def on_mount(self) -> None:
        self.query_one(Menu).mark(self._mark)
        self.recall()

    @property
    def heading(self) -> Heading:
        if self.target:
            title = _("Findings: {step}, {target}").format(
                step=_(self.step.title), target=plain(self.target, 40)
            )
        else:
            title = _("Findings: {step}").format(step=_(self.step.title))
        if self.states_shown:
            title = f"{title} ({_(self.states_shown)})"
        return Heading(title, self._sum())

    def _sum(self) -> str:
        if self.filling:
            looked = self.desk.step(self.step_id).looked
            if looked is None:
                return _("looking ...")
            return _("looking: {machines} of {of}").format(machines=looked["machines"], of=looked["of"])
        worst = [ones[0].status for ones in self.groups.values()]
        counts = {status: worst.count(status) for status in Status}
        parts = [f"{count} {_(status.value)}" for status, count in counts.items() if count]
        said = f"{self._rows_counted(len(worst))}{', '.join(parts)}" if parts else _("none")
        return f"{said}   {_('looking ...')}" if self.looking_again else said

    def _rows_counted(self, count: int) -> str:
        """How many rows there are of what; the counts behind it are of these."""
        if self.target:
            said = _("1 finding: ") if count == 1 else _("{count} findings: ")
        elif set(self.groups) <= set(self.machines):
            said = _("1 machine: ") if count == 1 else _("{count} machines: ")
        else:
            said = _("1 row: ") if count == 1 else _("{count} rows: ")
        return said.format(count=count)

    @property
    def hint(self) -> str:
        if self.target or len(self.groups.get(self.query_one(Menu).marked, ())) == 1:
            return _("Enter shows the evidence in full; Esc goes back.")
        return _("Enter shows every finding of the machine; Esc goes back.")

    def topic(self) -> str:
        return self.step_id

    def first_focus(self) -> Widget | None:
        return self.query_one(Menu)

    # Drawing ----------------------------------------------------------------------------------------

    def draw(self) -> None:
        """While a sweep fills the table, many findings are one drawing."""
        if not self.filling and not self.looking_again:
            self._draw_now()
        elif self._due is None:
            self._due = self.set_timer(BATCH, self._draw_now)

    def _draw_now(self) -> None:
        if self._due is not None:
            self._due.stop()
            self._due = None
        self.query_one("#note", Lines).draw_again()
        self.query_one(Menu).show_rows(self._rows)
        self.query_one("#detail", Lines).draw_again()
        self.post_message(self.Reframe())

    def _note(self, width: int) -> Sequence[Line]:
        said = wrapped(self.cut_off, width, "warn") if self.cut_off else []
        for problem in self.desk.step(self.step_id).problems[:1]:
            said += wrapped(plain(problem.sentence()), width, "bad")
        return said

    def _rows(self, width: int) -> Sequence[Row]:
        if self.filling:
            return self._filling_rows(width)
        groups = self.groups
        wide = min(25, max((len(key) for key in groups), default=0) + 2)
        return [Row(key, (self._row(key, ones, wide, width),)) for key, ones in groups.items()]

    def _row(self, key: str, ones: Sequence[Finding], wide: int, width: int) -> Line:
        worst = ones[0]
        again = self.desk.step(self.step_id).live.get(key) if self.looking_again else None
        what = _(worst.what) if worst.status is not Status.OK or len(ones) == 1 else ""
        count = _("{good} of {all} ok").format(good=_good(ones), all=len(ones)) if len(ones) > 1 else ""
        if again is not None:
            count, what = _("looking ..."), ""
        said = "   ".join(filter(None, (count, plain(what))))
        return (
            column(plain(key), wide - 1),
            Cell(" "),
            state(_(worst.status.value), 9),
            column(said, max(10, width - wide - 9)),
        )

    def _filling_rows(self, width: int) -> Sequence[Row]:
        """Every machine in its place from the first moment on; states come as they are found."""
        live = self.desk.step(self.step_id).live
        names = list(dict.fromkeys([*self.machines, *live]))
        wide = min(25, max(map(len, names), default=0) + 2)
        return [Row(name, (_filling(name, live.get(name, {}), wide, width),)) for name in names]

    def _detail(self, width: int) -> Sequence[Line]:
        if not self.is_mounted or self.filling:
            return []
        one = self.marked
        if one is None:
            return [text(_("Nothing to show here; f shows others, c checks."), "dim")]
        return finding_lines.detail_lines(one, width)

    # Moving -----------------------------------------------------------------------------------------

    def on_menu_marked(self, event: Menu.Marked) -> None:
        event.stop()
        self.query_one("#detail", Lines).draw_again()
        self.post_message(self.Reframe())

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        event.stop()
        self.remember_place()
        ones = self.groups.get(event.key, ())
        if len(ones) > 1:
            self.post_message(self.Go(lambda: FindingsPage(self.desk, self.step_id, event.key)))
        elif ones:
            self.do_evidence()


def _good(ones: Sequence[Finding]) -> int:
    return sum(one.status is Status.OK for one in ones)


def _filling(name: str, states: Mapping[str, str], wide: int, width: int) -> Line:
    found = [status for status in WORST_FIRST if status.value in states.values()]
    counts = [f"{list(states.values()).count(status.value)} {_(status.value)}" for status in found]
    return (
        column(plain(name), wide - 1),
        Cell(" "),
        state(_(found[0].value) if found else "-", 9),
        column("   ".join(counts), max(10, width - wide - 9)),
    )
