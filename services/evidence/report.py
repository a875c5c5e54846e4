"""The record as a page and as Markdown: both follow from the record alone, in English, byte for byte."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from services.evidence.figure import figure
from services.evidence.model import Record
from services.evidence.sections import sections, span, summary
from services.text import plain

if TYPE_CHECKING:
    import jinja2

MARKED = "\\`*_[]<>|#&~"
NAMES = ("report.html.j2", "report.md.j2", "report.css", "rto.svg.j2", "timeline.svg.j2")
LONGEST = 4000


def as_html(record: Record) -> str:
    """One self-contained page that prints; everything from outside is escaped."""
    return _environment().get_template("report.html.j2").render(_context(record))


def as_markdown(record: Record) -> str:
    """The same in Markdown; everything from outside stands as text."""
    return _environment().get_template("report.md.j2").render(_context(record))


@cache
def _environment() -> jinja2.Environment:
    import jinja2  # only when a report is written

    folder = resources.files("assets") / "reports"
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({name: (folder / name).read_text(encoding="utf-8") for name in NAMES}),
        autoescape=lambda name: name != "report.md.j2",
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"span": span, "md": _markdown}
    return environment


def _context(record: Record) -> dict[str, Any]:
    return {
        "record": record,
        "sections": sections(record),
        "summary": summary(record),
        "figure": figure(record),
    }


def _harmless(value: Any) -> Any:
    """What is printed: text on one line, without control characters."""
    return plain(value, 2 * LONGEST) if isinstance(value, str) else value


def _markdown(text: str) -> str:
    shown = plain(text, LONGEST)
    for sign in MARKED:
        shown = shown.replace(sign, f"\\{sign}")
    return shown or "-"
