"""All findings of a step: a table that fills in place, a detail with evidence, waivers in writing."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.desk import Desk
from screens.lines import Lines, Menu, Row
from screens.page import Heading, Page
from screens.state import Phase
from screens.step.report import WORDS, worst_first
from screens.style import STATE_STYLES, Cell, Line, column, state, text, wrapped
from screens.welcome import labelled
from services.readiness.model import Finding, Status
from services.scenario.model import Step
from services.text import _, lines, plain

AGAIN = Command("again", "r", "check again", "Run the checks again")
FILTER = Command("filter", "f", "failing only", "Show only what fails or warns, or all")
WAIVE = Command("waive", "v", "waive", "Accept the marked finding in writing")
EVIDENCE = Command("evidence", "e", "evidence", "Show the evidence of the marked finding in full")
MOST_EVIDENCE = 4
"""Lines of output in the detail; the evidence page has all."""


class FindingsPage(Page):
    """Machines and things in rows, the worst on top; below them the marked one in detail."""

    DEFAULT_CSS = """
    FindingsPage Menu { height: 1fr; min-height: 5; overflow-y: auto; scrollbar-size-vertical: 1; }
    FindingsPage #detail { height: auto; max-height: 11; }
    """

    def __init__(self, desk: Desk, step_id: str) -> None:
        super().__init__()
        self.desk, self.step_id = desk, step_id
        self._only_bad = False

    @property
    def step(self) -> Step:
        assert self.desk.view is not None
        return self.desk.view.answers.scenario.step(self.step_id)

    @property
    def groups(self) -> dict[str, list[Finding]]:
        """The findings by machine or thing, the worst first, in each and over all."""
        found: dict[str, list[Finding]] = {}
        for one in worst_first(self.desk.step(self.step_id).findings):
            found.setdefault(one.target, []).append(one)
        if self._only_bad:
            return {target: ones for target, ones in found.items() if ones[0].status is not Status.OK}
        return found

    @property
    def marked(self) -> Finding | None:
        """The worst finding of the marked row."""
        return next(iter(self.groups.get(self.query_one(Menu).marked, ())), None)

    def compose(self) -> ComposeResult:
        yield Menu(self._rows, keys=_("Up/Down move  Enter evidence"))
        yield Lines(self._detail, id="detail")

    @property
    def heading(self) -> Heading:
        desk = self.desk.step(self.step_id)
        worst = [ones[0].status for ones in self.groups.values()]
        counts = {status: worst.count(status) for status in Status}
        parts = [f"{count} {_(WORDS[status])}" for status, count in counts.items() if count]
        if desk.phase is Phase.LOOKING:
            parts.append(_("looking ..."))
        return Heading(_("Findings: {step}").format(step=_(self.step.title)), "   ".join(parts))

    @property
    def commands(self) -> tuple[Command, ...]:
        marked = self.marked if self.is_mounted else None
        waive = (WAIVE,) if marked is not None and marked.status in (Status.FAILED, Status.UNKNOWN) else ()
        return (FILTER, *waive, EVIDENCE, AGAIN, BACK)

    @property
    def hint(self) -> str:
        return _("Enter shows the evidence in full.")

    def topic(self) -> str:
        return self.step_id

    def first_focus(self) -> Widget | None:
        return self.query_one(Menu)

    def draw(self) -> None:
        self.query_one(Menu).show_rows(self._rows)
        self.query_one("#detail", Lines).draw_again()

    # Drawing ----------------------------------------------------------------------------------------

    def _rows(self, width: int) -> Sequence[Row]:
        groups = self.groups
        wide = min(25, max((len(target) for target in groups), default=0) + 2)
        return [Row(target, (self._row(target, ones, wide, width),)) for target, ones in groups.items()]

    def _row(self, target: str, ones: Sequence[Finding], wide: int, width: int) -> Line:
        worst = ones[0]
        good = sum(one.status is Status.OK for one in ones)
        what = _(worst.what) if worst.status is not Status.OK or len(ones) == 1 else ""
        count = _("{good} of {all}").format(good=good, all=len(ones)) if len(ones) > 1 else ""
        said = "   ".join(filter(None, (count, plain(what))))
        return (
            column(plain(target), wide),
            state(_(WORDS[worst.status]), 8),
            column(said, max(10, width - wide - 8)),
        )

    def _detail(self, width: int) -> Sequence[Line]:
        if not self.is_mounted:
            return []
        one = self.marked
        if one is None:
            return [text(_("Nothing to show here; f shows all."), "dim")]
        head = f"-- {plain(one.target)} "
        style = STATE_STYLES.get(WORDS[one.status], "")
        drawn: list[Line] = [
            (
                Cell(head + "-" * max(2, width - len(head) - len(one.id) - 4), style),
                Cell(f" {one.id} --", "dim"),
            )
        ]
        for label, content in self._facts(one):
            if content:
                drawn += labelled(label, plain(content), width)
        return drawn

    def _facts(self, one: Finding) -> list[tuple[str, str]]:
        shown = [(_("found"), _(one.what))]
        for evidence in one.evidence[:2]:
            output = " / ".join(lines(evidence.output)[:MOST_EVIDENCE])
            shown.append((_("saw"), f"{evidence.command}: {output}"))
        waiver = one.waiver
        accepted = (
            f"{waiver.reason} ({waiver.by}{', ' + waiver.until if waiver.until else ''})" if waiver else ""
        )
        return [
            *shown,
            (_("why"), _(one.cause)),
            (_("fix"), _(one.fix)),
            (_("waived"), accepted),
            (_("source"), one.source),
        ]

    # Commands ---------------------------------------------------------------------------------------

    def on_menu_marked(self, event: Menu.Marked) -> None:
        event.stop()
        self.query_one("#detail", Lines).draw_again()
        self.post_message(self.Reframe())

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        event.stop()
        self.do_evidence()

    def do_filter(self) -> None:
        self._only_bad = not self._only_bad
        self.draw()
        self.post_message(self.Reframe())

    def do_again(self) -> None:
        self.desk.check(self.step)

    def do_evidence(self) -> None:
        from screens.reader import page_of

        ones = self.groups.get(self.query_one(Menu).marked)
        if ones:
            title = _("Evidence: {target}").format(target=plain(ones[0].target))
            self.post_message(self.Go(page_of(title, lambda width: all_evidence(ones, width))))

    def do_waive(self) -> None:
        from screens.waive import WaivePage

        one = self.marked
        if one is not None:
            self.post_message(self.Go(lambda: WaivePage(self.desk, self.step, one)))


def all_evidence(ones: Sequence[Finding], width: int) -> list[Line]:
    """Every finding of a machine with its evidence, the worst first."""
    return [line for one in ones for line in (*evidence_lines(one, width), text(""))]


def evidence_lines(one: Finding, width: int) -> list[Line]:
    """Every command with its whole output, then what it means."""
    head = f"{_(WORDS[one.status])}  {plain(_(one.what))}"
    drawn: list[Line] = [*wrapped(head, width, STATE_STYLES.get(WORDS[one.status], "bold"))]
    for evidence in one.evidence:
        drawn += wrapped(plain(evidence.command), width, "accent")
        for line in lines(evidence.output):
            drawn += wrapped(line, width) or [text("")]
        drawn.append(text(""))
    for label, content in ((_("why"), _(one.cause)), (_("fix"), _(one.fix)), (_("source"), one.source)):
        if content:
            drawn += labelled(label, plain(content), width)
    return drawn
