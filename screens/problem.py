"""A problem in full: what happened, why, what to do, how to check it, where it is documented."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.page import Heading, Page
from screens.reader import COPY, Text
from screens.style import Line, as_text, text, wrapped
from screens.welcome import labelled
from services.problems.model import Problem
from services.text import _, lines, plain

RAW = Command("raw", "w", "raw text", "Show or hide the untouched text of the other side")


class ProblemPage(Page):
    """Problems as answers; the raw text is one key away."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self._problems = tuple(problems)
        self._raw = False

    def compose(self) -> ComposeResult:
        yield Text(self._draw)

    @property
    def heading(self) -> Heading:
        count = len(self._problems)
        return Heading(
            _("What stands in the way"), _("{count} problems").format(count=count) if count > 1 else ""
        )

    @property
    def commands(self) -> tuple[Command, ...]:
        raw = (RAW,) if any(problem.raw for problem in self._problems) else ()
        return (*raw, COPY, BACK)

    def first_focus(self) -> Widget | None:
        return self.query_one(Text)

    def do_raw(self) -> None:
        self._raw = not self._raw
        self.query_one(Text).draw_again()

    def do_copy(self) -> None:
        self.post_message(self.Copy(as_text(self.query_one(Text).lines)))

    def _draw(self, width: int) -> Sequence[Line]:
        drawn: list[Line] = []
        for problem in self._problems:
            drawn += [*full(problem, width), text("")]
            if self._raw and problem.raw:
                drawn += [text(_("Raw text"), "accent")]
                drawn += [
                    piece for line in lines(problem.raw) for piece in wrapped(line, width) or [text("")]
                ]
                drawn.append(text(""))
        return drawn


def full(problem: Problem, width: int) -> list[Line]:
    """Everything that a problem says but the raw text."""
    what = f"{problem.subject}: {_(problem.what)}" if problem.subject else _(problem.what)
    drawn = wrapped(plain(what), width, "bold")
    rows = (
        (_("why"), _(problem.cause)),
        (_("do"), _(problem.remedy)),
        (_("check"), problem.check),
        (_("caught"), _caught(problem.code)),
        (_("source"), problem.source),
        (_("code"), problem.code),
        (_("request"), problem.request_id or _("none")),
        (_("raw"), "" if problem.raw else _("none")),
    )
    for label, content in rows:
        if content:
            drawn += labelled(label, plain(content), width)
    return drawn


def _caught(code: str) -> str:
    """The checks that would have found the cause before the job began; empty where there are none."""
    if not code.isalnum() or not any(map(str.isdigit, code)):
        # Codes of Site Recovery are numbers or like EP0854; others need no look at the checks.
        return ""
    from services.readiness.prevented import caught_by

    found = caught_by(code)
    said = _("A check of the machines finds this before the job: {checks}")
    return said.format(checks=", ".join(found)) if found else ""
