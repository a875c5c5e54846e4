"""The application: what workers say, what keys do, how it ends."""

from __future__ import annotations

import gc
from functools import partial
from typing import TYPE_CHECKING

from textual import events
from textual.app import App
from textual.screen import Screen

from screens.commands import FIND, GLOBAL, QUIT, Command
from screens.messages import Asked, Happened, Moved, Opened, Revealed
from screens.page import Page
from screens.state import Phase
from screens.style import Line, text
from screens.welcome import WelcomePage
from screens.work import Broke, Ended
from services.text import _
from tui.crash import write_report
from tui.framed import Framed, in_text
from tui.leaving import end_anyway, on_signals

if TYPE_CHECKING:
    from screens.find import FindPage
    from services.problems.model import ProblemError

AFTER_PAINT = 0.05
"""Real seconds: imports in a worker would hold up the first frame, which is still on its way."""


class Frame(Screen[None]):
    """The one screen. Keys that no widget has used end here."""

    def on_key(self, event: events.Key) -> None:
        app = self.app
        if not isinstance(app, Shell):
            return
        if app.too_small:
            if event.key == QUIT.key or event.key in QUIT.aliases:
                app.call_later(app.leave)
            return
        if (
            self.focused is None
            and app.page is not None
            and event.key in ("tab", "shift+tab", "up", "down", "enter")
        ):
            event.stop()
            app.page.take_up()
        else:
            # Messages that a command posts must bubble up to the application, so it is run from there.
            app.call_later(app.key_is_free, event)


class Shell(Framed):
    """Lifeboat on a terminal. Its result is the exit code."""

    def get_default_screen(self) -> Frame:
        return Frame(id="_default")

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

        view = self.desk.view
        step = view.step(self.desk.busy_step) if view is not None else None
        purpose = _(step.title) if step is not None else ""
        await self.on_page_go(Page.Go(lambda: SecretPage(event.caption, purpose, event.reply)))

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
        if page.turn(event.key):
            event.stop()
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
        found += [Entry(_(one.title), "", _nothing, why) for one, why in page.impossible()]
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

        changing = self.desk.busy and self.desk.step(self.desk.busy_step).phase is Phase.DOING
        said = self.desk.console.leaving if self.desk.console is not None else ""
        if (changing or said) and not isinstance(self.page, LeavePage):
            self.post_message(Page.Go(lambda: LeavePage("" if changing else said)))
        else:
            self.leave()

    def on_leave_page_leave(self) -> None:
        self.leave()

    def on_welcome_page_rehearse(self) -> None:
        """Leave; the practice world is started in place of this process."""
        self.rehearse = True
        self.exit(0)

    def leave(self, code: int = 0) -> None:
        """End: what was typed is saved, work is told to stop, and nothing is waited for longer than the grace."""
        if not self.is_headless:
            end_anyway(code)
        page = self.page
        save = getattr(page, "save_now", None)
        if save is not None:
            save()
        self.desk.keep_rest(_nothing_to_say)
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


def _nothing_to_say(_error: ProblemError) -> None:
    """The program ends; that the journal takes nothing was said when it was typed."""


def _nothing() -> None:
    """What a command does that is not possible now."""
