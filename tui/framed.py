"""One frame, one body that pages are swapped into, and the lines around it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.filter import Monochrome, NoColor
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widget import Widget

from screens.commands import GLOBAL, fitting, key_line
from screens.desk import Desk
from screens.frame import AsciiBar, HelpLines, OneLine, Rule, spread
from screens.glyphs import glyphs
from screens.lines import Lines
from screens.page import Page
from screens.place import place
from screens.style import Line, text, wrapped
from screens.welcome import WelcomePage
from services.text import _
from tui.keys import OrderedKeys
from tui.options import LaunchOptions

if TYPE_CHECKING:
    pass

DEFAULT_THEME = "ansi-dark"
"""The terminal's own colours: right on light and on dark, with 16 colours, and half the bytes."""

NARROW = 72
"""Columns below which the list of steps is shown only when it is asked for."""
LEAST = (40, 10)
"""Columns and rows below which no page can be used."""

CSS = """
Screen { layout: vertical; overflow: hidden; }
#body { height: 1fr; }
#small { display: none; height: 1fr; }
Screen.small > * { display: none; }
Screen.small > #small { display: block; }
Screen.narrow Edge, Screen.narrow #rail { display: none; }
Screen.narrow .rail-asked #rail { display: block; width: 1fr; }
Screen.narrow .rail-asked #work { display: none; }
"""


class Framed(OrderedKeys):
    """The frame of every page."""

    TITLE = "Lifeboat"
    CSS = CSS
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = []
    AUTO_FOCUS = ""
    ESCAPE_TO_MINIMIZE = False

    def __init__(self, options: LaunchOptions, *, ascii_only: bool = False) -> None:
        super().__init__()
        if self.no_color:
            # Monochrome would turn the terminal's own colours into black on black.
            self._filters = [NoColor() if isinstance(one, Monochrome) else one for one in self._filters]
        self.options = options
        self.ascii_only = ascii_only
        self.bar = glyphs(ascii_only=ascii_only).bar
        ScrollBar.renderer = AsciiBar if ascii_only else ScrollBarRender
        self.crashed = False
        self.rehearse = False
        self.report_path: Path | None = None
        self.desk = Desk(options.open_book, self.post_message)
        self._trail: list[Callable[[], Page]] = []
        self._said = ""
        self._focus_before: Widget | None = None
        self._top, self._title = OneLine(), OneLine()
        self._help, self._keys = HelpLines(), OneLine()
        self._body = Container(id="body")

    def compose(self) -> ComposeResult:
        wanted = self.options.theme
        self.theme = wanted if wanted in self.available_themes else DEFAULT_THEME
        self._first = WelcomePage(self.desk, self._opening())
        self._trail = [lambda: WelcomePage(self.desk, self._opening())]
        self._top.line = place(self.desk, practice=self.options.practice, read_only=self.options.read_only)
        self._title.line = text(self._first.heading.title, "bold")
        self._help.show(self._first.hint)
        yield self._top
        yield Rule(glyphs(ascii_only=self.ascii_only).rule)
        yield self._title
        with self._body:
            yield self._first
        yield self._help
        yield self._keys
        yield Lines(_too_small, id="small")

    def _opening(self) -> str:
        if self.options.practice:
            return _("Opening the practice world and its journal ...")
        return _("Opening the journal ...")

    # The lines around the page ----------------------------------------------------------------------

    @property
    def page(self) -> Page | None:
        """What stands in the body."""
        return next((child for child in self._body.children if isinstance(child, Page)), None)

    def reframe(self) -> None:
        """Draw the lines around the page; what has not changed is not painted."""
        page = self.page
        if page is None:
            return
        heading = page.heading
        width = self.size.width
        self._top.show(place(self.desk, practice=self.options.practice, read_only=self.options.read_only))
        self._title.show(spread(text(heading.title, "bold"), heading.state, width))
        self._help.show(*self._help_line(page))
        self._keys.show(text(self._key_line(page, width), "dim"))

    def _help_line(self, page: Page) -> tuple[str, str]:
        """What is said of what has the focus: an error takes the place of the help."""
        wrong = page.error(self.focused)
        if wrong:
            return wrong, "bad"
        if self._said:
            return self._said, "accent"
        return str(getattr(self.focused, "hint", "") or page.hint), ""

    def _key_line(self, page: Page, width: int) -> str:
        focused = self.focused
        if in_text(focused):
            parts = (_("Tab next"), _("Enter accept"), _("Esc leave field, then letters act"), _("F1 help"))
            return fitting(parts, width)
        lead = "  ".join(filter(None, (_(str(getattr(focused, "keys", "") or "Tab next")), page.lead)))
        return key_line((*page.commands, *GLOBAL), width, lead)

    def on_page_reframe(self, _event: Page.Reframe) -> None:
        self.reframe()

    def on_page_say(self, event: Page.Say) -> None:
        self._said = event.sentence
        self.reframe()

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        self._said = ""
        self.reframe()

    def on_descendant_blur(self, _event: events.DescendantBlur) -> None:
        self.reframe()

    def on_resize(self, event: events.Resize) -> None:
        self.screen.set_class(event.size.width < NARROW, "narrow")
        self._too_small(event.size.width < LEAST[0] or event.size.height < LEAST[1])
        self.call_after_refresh(self.reframe)

    @property
    def too_small(self) -> bool:
        """Whether the terminal is so small that no page is shown."""
        return self.screen.has_class("small")

    def _too_small(self, small: bool) -> None:
        """Show a sentence in place of the page, or the page again with its focus."""
        if small and not self.too_small:
            self._focus_before = self.focused
            self.screen.set_focus(None)
        back = self._focus_before if self.too_small and not small else None
        self.screen.set_class(small, "small")
        if back is not None and back.is_attached:
            self.call_after_refresh(back.focus)

    # Pages ------------------------------------------------------------------------------------------

    async def on_page_go(self, event: Page.Go) -> None:
        if event.replace and len(self._trail) > 1:
            self._trail.pop()
        self._trail.append(event.make)
        await self._swap(event.make())

    async def on_page_home(self, _event: Page.Home) -> None:
        del self._trail[2:]
        await self.on_page_back(Page.Back())

    async def on_page_back(self, _event: Page.Back) -> None:
        if len(self._trail) > 1:
            self._trail.pop()
            page = self._trail[-1]()
            await self._swap(page)
            if isinstance(page, WelcomePage):
                page.opened()

    async def _swap(self, page: Page) -> None:
        """Put another page into the body, in one paint."""
        with self.batch_update():
            await self._body.remove_children()
            await self._body.mount(page)
        self._said = ""
        target = page.first_focus()
        if target is not None:
            target.focus()
        else:
            self.screen.set_focus(None)
        self.call_after_refresh(self.reframe)


def _too_small(width: int) -> list[Line]:
    said = _("Too small for Lifeboat: it needs {columns}x{rows} or more. q quits.")
    return wrapped(said.format(columns=LEAST[0], rows=LEAST[1]), width)


def in_text(widget: Widget | None) -> bool:
    """Whether letters are text for what has the focus."""
    return bool(getattr(widget, "takes_text", False))
