"""The record as a page and as Markdown: both follow from the record alone, in English, byte for byte."""

from __future__ import annotations

import hashlib
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
CODE = (*(f"evidence/{one}.py" for one in ("report", "sections", "figure", "model", "entries")), "text.py")
LONGEST = 4000


def as_html(record: Record) -> str:
    """One self-contained page that prints; everything from outside is escaped."""
    return _environment().get_template("report.html.j2").render(_context(record))


def as_markdown(record: Record) -> str:
    """The same in Markdown; everything from outside stands as text."""
    return _environment().get_template("report.md.j2").render(_context(record))


@cache
def maker() -> str:
    """What makes the reports, as a digest: the same maker makes the same bytes from the same record.

    Templates, code, Jinja and the Unicode tables all have a say; the product's version alone is too coarse.
    """
    import unicodedata
    from importlib import metadata

    templates = resources.files("assets") / "reports"
    code = resources.files("services")
    files = [templates / name for name in NAMES] + [code.joinpath(*name.split("/")) for name in CODE]
    seen = hashlib.sha256(f"{metadata.version('jinja2')} {unicodedata.unidata_version}".encode("ascii"))
    for file in files:
        seen.update(hashlib.sha256(file.read_bytes()).digest())
    return seen.hexdigest()[:16]


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
