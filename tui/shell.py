"""The application: one frame, one body that pages are swapped into, and the commands of every page."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events
from textual.app import App, ComposeResult
from textual.containers import Container
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widget import Widget

from screens.commands import FIND, GLOBAL, Command, key_line
from screens.desk import Asked, Desk, Happened, Moved, Opened, Revealed
from screens.frame import AsciiBar, HelpLines, OneLine, Rule, spread
from screens.glyphs import glyphs
from screens.page import Page
from screens.place import place
from screens.style import Line, text
from screens.welcome import WelcomePage
from screens.work import Broke, Ended
from services.text import _
from tui.crash import write_report
from tui.leaving import end_anyway, on_signals
from tui.options import LaunchOptions

if TYPE_CHECKING:
    from screens.find import FindPage

AFTER_PAINT = 0.05
"""Real seconds: imports in a worker would hold up the first frame, which is still on its way."""

KEY_SECONDS = 0.5
"""Real seconds that a key may take before the next one is looked at all the same."""

DEFAULT_THEME = "ansi-dark"
"""The terminal's own colours: right on light and on dark, with 16 colours, and half the bytes."""

CSS = """
Screen { layout: vertical; overflow: hidden; }
#body { height: 1fr; }
"""


class Frame(Screen[None]):
    """The one screen. Keys that no widget has used end here."""

    def on_key(self, event: events.Key) -> None:
        if isinstance(self.app, Shell):
            # Messages that a command posts must bubble up to the application, so it is run from there.
            self.app.call_later(self.app.key_is_free, event)


class Shell(App[int]):
    """Lifeboat on a terminal. Its result is the exit code."""

    CSS = CSS
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = []
    AUTO_FOCUS = ""
    ESCAPE_TO_MINIMIZE = False

    def __init__(self, options: LaunchOptions, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.options = options
        self.ascii_only = ascii_only
        self.bar = glyphs(ascii_only=ascii_only).bar
        ScrollBar.renderer = AsciiBar if ascii_only else ScrollBarRender
        self.crashed = False
        self.report_path: Path | None = None
        self.desk = Desk(options.open_book, self.post_message)
        self._trail: list[Callable[[], Page]] = []
        self._said = ""
        self._waiting: deque[events.Key] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._top, self._title = OneLine(), OneLine()
        self._help, self._keys = HelpLines(), OneLine()
        self._body = Container(id="body")

    # The frame --------------------------------------------------------------------------------------

    def get_default_screen(self) -> Frame:
        return Frame(id="_default")

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

    def on_load(self) -> None:
        """Before the terminal is taken over: from now on signals end in order."""
        if not self.is_headless:
            on_signals(self.leave)

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, self._resumed)

    def _resumed(self, _app: App[object]) -> None:
        """After fg the terminal is empty: paint it whole."""
        self.refresh(layout=True)

    def on_ready(self) -> None:
        """After the first frame: open the journal, which may take a while."""
        self.set_timer(AFTER_PAINT, self._open)
        self.reframe()

    def _open(self) -> None:
        gc.enable()
        self.desk.open()

    def _opening(self) -> str:
        if self.options.practice:
            return _("Opening the practice world and its journal ...")
        return _("Opening the journal ...")

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
            return _("Tab next  Enter accept  Esc leave field, then letters act  F1 help")
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

    def on_resize(self, _event: events.Resize) -> None:
        self.call_after_refresh(self.reframe)

    # Pages ------------------------------------------------------------------------------------------

    async def on_page_go(self, event: Page.Go) -> None:
        if event.replace and len(self._trail) > 1:
            self._trail.pop()
        self._trail.append(event.make)
        await self._swap(event.make())

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

    # What workers say -------------------------------------------------------------------------------

    def on_ended(self, event: Ended) -> None:
        event.then()

    def on_broke(self, event: Broke) -> None:
        self._report(event.error)
        event.then()

    def on_opened(self, _event: Opened) -> None:
        page = self.page
        if isinstance(page, WelcomePage):
            page.opened()
        self.reframe()

    def on_moved(self, _event: Moved) -> None:
        self._redraw()

    def on_happened(self, event: Happened) -> None:
        self.desk.take(event.step, event.event)
        self._redraw()

    async def on_asked(self, event: Asked) -> None:
        from screens.secret import SecretPage

        await self.on_page_go(Page.Go(lambda: SecretPage(event.caption, event.reply)))

    async def on_revealed(self, event: Revealed) -> None:
        from screens.reader import page_of
        from screens.style import wrapped

        caption, value = event.caption, event.value

        def draw(width: int) -> list[Line]:
            note = _("Write it down where it is needed. It is not kept; the page before can show it again.")
            return [text(caption, "bold"), text(""), text(value, "accent"), text(""), *wrapped(note, width)]

        await self.on_page_go(Page.Go(page_of(_("Shown once"), draw)))

    def _redraw(self) -> None:
        page = self.page
        if page is not None and page.is_mounted:
            page.draw()
            self.reframe()

    # Keys in their order ----------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """A key is dealt with before the next one is looked at.

        Textual hands each key to what has the focus when it arrives. Typed ahead over a slow link, `Tab Enter`
        would push the button that Tab has just left.
        """
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._waiting.append(event)
            if self._pump is None or self._pump.done():
                self._pump = asyncio.create_task(self._one_by_one(super().on_event))
        else:
            await super().on_event(event)

    async def _one_by_one(self, hand_on: Callable[[events.Event], Awaitable[None]]) -> None:
        while self._waiting and self.is_running:
            asked = self.focused or self.screen
            await hand_on(self._waiting.popleft())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_dealt_with(asked), KEY_SECONDS)

    @property
    def keys_idle(self) -> bool:
        """Whether every key has been dealt with."""
        return not self._waiting and (self._pump is None or self._pump.done())

    # Keys -------------------------------------------------------------------------------------------

    def key_is_free(self, event: events.Key) -> None:
        """What no widget has used: a command of the page or of the program."""
        page = self.page
        if page is None:
            return
        if event.key == "escape":
            event.stop()
            page.escape()
            return
        command = self._command(event.key, page)
        if command is not None:
            event.stop()
            event.prevent_default()
            self.run_command(command)

    def _command(self, key: str, page: Page) -> Command | None:
        letters = not in_text(self.focused)
        for command in (*page.commands, *GLOBAL):
            if key in command.aliases or (letters and key == command.key):
                return command
        return None

    def run_command(self, command: Command) -> None:
        """Do what a command says: the page's way, else the program's."""
        page = self.page
        if page is not None and page.run(command):
            return
        action = getattr(self, f"do_{command.id}", None)
        if action is not None:
            action()

    def do_help(self) -> None:
        from screens.help import about
        from screens.reader import ReaderPage

        page = self.page
        if page is not None and not isinstance(page, ReaderPage):
            self.post_message(Page.Go(about(page, self.focused, page.commands)))

    def do_find(self) -> None:
        from screens.find import Entry, FindPage

        page = self.page
        if page is None or isinstance(page, FindPage):
            return
        commands = [command for command in (*page.commands, *GLOBAL) if command is not FIND]
        found = [
            Entry(_(one.title), one.label or one.aliases[0], partial(self.run_command, one))
            for one in commands
        ]
        found += [Entry(title, "", partial(self._visit, title)) for title, _act in page.places()]
        self.post_message(Page.Go(lambda: FindPage(found)))

    def _visit(self, title: str) -> None:
        """Go to a place of the page that stands there now; the one that named it is gone."""
        page = self.page
        for name, act in page.places() if page is not None else ():
            if name == title:
                act()
                return

    async def on_find_page_found(self, event: FindPage.Found) -> None:
        """A command was chosen from the list: go back to its page, then do it there."""
        await self.on_page_back(Page.Back())
        self.call_after_refresh(event.entry.act)

    def on_page_copy(self, event: Page.Copy) -> None:
        """Nobody answers whether the terminal took it, so nothing is claimed."""
        self.copy_to_clipboard(event.text)
        self._said = _("Sent to the terminal's clipboard, if it allows that.")
        self.reframe()

    def do_suspend(self) -> None:
        self.action_suspend_process()

    def do_quit(self) -> None:
        from screens.leave import LeavePage

        if self.desk.busy and not isinstance(self.page, LeavePage):
            self.post_message(Page.Go(LeavePage))
        else:
            self.leave()

    def on_leave_page_leave(self) -> None:
        self.leave()

    def leave(self, code: int = 0) -> None:
        """End: what was typed is saved, work is told to stop, and nothing is waited for longer than the grace."""
        if not self.is_headless:
            end_anyway(code)
        page = self.page
        save = getattr(page, "save_now", None)
        if save is not None:
            save()
        self.desk.stop()
        self.exit(code)

    # Errors of our own ------------------------------------------------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        """Textual would print a traceback with the values of variables; a report without them is written."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self.crashed = True
        self._report(error)
        self._close_messages_no_wait()

    def broken(self, error: Exception) -> int:
        """An error that has left the event loop; returns the exit code."""
        if not self.crashed:
            self.crashed = True
            self._report(error)
        return 1

    def _report(self, error: BaseException) -> None:
        from services.logs import known_secrets

        world = self.desk.book.world if self.desk.book else None
        typed = self.desk.typed.values()
        secrets = [*typed, *(world.secrets.values() if world else ()), *known_secrets()]
        self.report_path = write_report(self.options.state, error, secrets)


async def _dealt_with(widget: Widget) -> None:
    """Wait until a widget and all around it, the application last, have handled what they were sent.

    Twice: a key that reaches the application makes it ask a page, whose answer comes the same way up.
    """
    for node in (*widget.ancestors_with_self, *widget.ancestors_with_self):
        if isinstance(node, MessagePump) and node.is_running:
            handled = asyncio.Event()
            node.call_later(handled.set)
            await handled.wait()


def in_text(widget: Widget | None) -> bool:
    """Whether letters are text for what has the focus."""
    return bool(getattr(widget, "takes_text", False))
