"""Help: for what has the focus, for the keys, for the step; its documentation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.widget import Widget

from screens.commands import GLOBAL, Command
from screens.guidance import guidance, links
from screens.page import Page
from screens.reader import ReaderPage, page_of
from screens.step.fields import FieldRow
from screens.style import Line, column, text, wrapped
from services.scenario.model import Field
from services.text import _

PLAIN_KEYS = (
    ("Tab, Shift+Tab", "to the next and the previous field or button"),
    ("Up, Down", "the same in fields; in lists they move the mark"),
    ("Enter", "takes a choice, opens what is marked, pushes a button"),
    ("Esc", "leaves a text field, so that letters act; a second Esc goes back"),
    ("F1", "this help, also inside a text field"),
)


def about(page: Page, focused: Widget | None, commands: Sequence[Command]) -> Callable[[], ReaderPage]:
    """Help for what has the focus, then the keys of this page, then the guidance of its step."""
    row = None
    if focused is not None:
        row = next((node for node in focused.ancestors_with_self if isinstance(node, FieldRow)), None)
    item = row.item if row is not None else None
    hint = "" if item is not None else str(getattr(focused, "hint", ""))
    title, step_id, known = page.heading.title, page.topic(), tuple(commands)

    def draw(width: int) -> list[Line]:
        return [*_focus_lines(item, hint, width), *_key_lines(known, width), *guidance_lines(step_id, width)]

    return page_of(_("Help: {page}").format(page=title), draw)


def guidance_page(step_id: str) -> Callable[[], ReaderPage]:
    """The guidance of a step."""
    return page_of(_("Guidance"), lambda width: guidance_lines(step_id, width) or [text(_("There is none."))])


def documentation(step_id: str, scenario_id: str) -> Callable[[], ReaderPage]:
    """The documented links of a step: shown whole, so that they can be copied."""

    def draw(width: int) -> list[Line]:
        found = links(scenario_id).get(step_id, ())
        lines: list[Line] = []
        for link in found:
            lines += [text(f"{link.title}  ({link.id})", "bold")]
            # Never wrapped inside: a link in two pieces cannot be followed.
            lines += [text(link.url[at : at + width]) for at in range(0, len(link.url), max(1, width))]
            lines.append(text(""))
        return lines or [text(_("The procedure links to no page for this step."))]

    return page_of(_("Documentation"), draw)


def _focus_lines(item: Field | None, hint: str, width: int) -> list[Line]:
    if item is None:
        return [*wrapped(hint, width), text("")] if hint else []
    lines = [text(_(item.caption), "accent"), *wrapped(_(item.help), width)]
    for choice in item.choices:
        label = f"{_(choice.label)}: {_(choice.note)}" if choice.note else _(choice.label)
        lines += wrapped(f"- {label}", width, indent="  ")
    if item.unit:
        lines += wrapped(_("In {unit}.").format(unit=_(item.unit)), width)
    if not item.required:
        lines += wrapped(_("May be left empty."), width)
    if item.claims:
        lines += wrapped(_("In the procedure: {ids}").format(ids=", ".join(item.claims)), width, "dim")
    return [*lines, text("")]


def _key_lines(commands: Sequence[Command], width: int) -> list[Line]:
    lines = [text(_("Keys"), "accent")]
    for command in (*commands, *GLOBAL):
        keys = ", ".join(filter(None, (command.label, *command.aliases)))
        lines += _key(keys, _(command.title), width)
    for keys, what in PLAIN_KEYS:
        lines += _key(keys, _(what), width)
    return [*lines, text("")]


def _key(keys: str, what: str, width: int) -> list[Line]:
    """A key, and beside it what it does over as many lines as it takes."""
    wide = min(18, width // 2)
    pieces = wrapped(what, width - wide)
    return [(column(keys if number == 0 else "", wide), *piece) for number, piece in enumerate(pieces)]


def guidance_lines(step_id: str, width: int) -> list[Line]:
    """The guidance of a step as text: headings are bold, and lines that do not fit are wrapped."""
    lines: list[Line] = []
    for line in guidance(step_id).splitlines() if step_id else ():
        content, style = (line.lstrip("# "), "bold") if line.startswith("#") else (line, "")
        fits = len(content) <= width
        indent = " " * (len(content) - len(content.lstrip("- ")))
        lines += [text(content, style)] if fits else wrapped(content, width, style, indent)
    return lines
