"""One protected item: how it stands, each verb with its why-not, settings, disks, points, errors, events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.console import words
from screens.console.commands import JOBS, LOOK
from screens.console.item_lines import About, read_lines, standing, verb_command, verb_lines
from screens.console.trouble import trouble_lines
from screens.console.vault_desk import VaultDesk
from screens.fold import Fold
from screens.page import Heading, Page
from screens.reader import Text
from screens.style import Line, text
from screens.welcome import problem_lines
from services.text import _, plain

if TYPE_CHECKING:
    from screens.console.errand import Errand
    from services.problems.model import Problem, ProblemError
    from services.recovery.item import ProtectedItem
    from services.recovery.vault import Vault
    from services.world.deadline import Deadline

SETTINGS = Command("settings", "t", "settings", "Change compute and network settings")


class ItemPage(Page):
    """The detail of an item."""

    def __init__(self, console: VaultDesk, item_id: str) -> None:
        super().__init__()
        self.console, self.item_id = console, item_id
        self._about: About | None = None
        self._trouble: tuple[Problem, ...] = ()

    def compose(self) -> ComposeResult:
        shown = Text(self._lines)
        yield shown
        yield Fold(shown)

    def on_mount(self) -> None:
        self.do_look()

    @property
    def item(self) -> ProtectedItem | None:
        return self.console.seen.items.get(self.item_id) if self.console.seen is not None else None

    @property
    def heading(self) -> Heading:
        item = self.item
        if item is None:
            return Heading(_("Protected item"), _("not protected any more"))
        return Heading(plain(item.title, 60), words.standing(item))

    @property
    def commands(self) -> tuple[Command, ...]:
        from services.recovery.verbs import verbs

        item = self.item
        known = self._errands(item)
        open_verbs = self._cut_off()
        found = [
            verb_command(verb, begun=verb.id in open_verbs)
            for verb in verbs()
            if verb.id in known
            and (verb.id in open_verbs or (item is not None and verb.operation in item.allowed))
        ]
        return (*found, SETTINGS, JOBS, LOOK, BACK)

    def impossible(self) -> Sequence[tuple[Command, str]]:
        from services.recovery.verbs import offers

        item, begun = self.item, self._cut_off()
        missing = [one for one in offers(item) if not one.possible] if item is not None else []
        return [(verb_command(one.verb), plain(one.why_not)) for one in missing if one.verb.id not in begun]

    def _cut_off(self) -> set[str]:
        """The verbs of runs of this item alone that were begun here and are not over."""
        mine = (self.item_id.lower(),)
        return {about.verb for about in self.console.cut_off if about.targets == mine}

    @property
    def hint(self) -> str:
        return _("What can be done stands with its key; what cannot stands with the reason.")

    def first_focus(self) -> Widget | None:
        return self.query_one(Text)

    def draw(self) -> None:
        self.query_one(Text).draw_again()
        self.post_message(self.Reframe())

    def run(self, command: Command) -> bool:
        if command.id.startswith("verb-"):
            self._verb(command.id.removeprefix("verb-"))
            return True
        return super().run(command)

    def _errands(self, item: ProtectedItem | None) -> dict[str, Callable[[], Errand]]:
        from screens.console.item_errands import errands_of

        return errands_of(item) if item is not None else {}

    def _verb(self, verb: str) -> None:
        from screens.console.errand_page import ErrandPage

        item = self.item
        if item is not None:
            errand = self._errands(item)[verb]()
            self.post_message(self.Go(lambda: ErrandPage(self.console, errand)))

    def do_settings(self) -> None:
        from screens.console.errand_page import ErrandPage
        from screens.console.errands import SettingsErrand

        item = self.item
        if item is not None:
            self.post_message(self.Go(lambda: ErrandPage(self.console, SettingsErrand(item))))

    def do_jobs(self) -> None:
        from screens.console.jobs_page import VaultJobsPage

        self.post_message(self.Go(lambda: VaultJobsPage(self.console)))

    def do_look(self) -> None:
        self.console.hurry()
        item = self.item
        if item is not None:
            self.console.ask(
                "item", lambda vault, deadline: _read(vault, item, deadline), self._arrived, self._failed
            )

    def _arrived(self, about: About) -> None:
        self._about, self._trouble = about, ()
        if self.is_mounted:
            self.draw()

    def _failed(self, error: ProblemError) -> None:
        self._trouble = error.problems
        if self.is_mounted:
            self.draw()

    # Drawing ----------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        assert self.console.vault is not None
        return self.console.vault.world.clock.now()

    def _lines(self, width: int) -> Sequence[Line]:
        lines = trouble_lines(self.console, width)
        own = () if lines else self._trouble
        lines += [line for problem in own for line in problem_lines(problem, width)]
        item = self.item
        if item is None:
            return [*lines, text(_("This item is not in the vault any more."))]
        thresholds = self.console.seen.thresholds if self.console.seen is not None else {}
        lines += standing(item, thresholds.get(item.policy_id.lower(), 0), width, self.now)
        lines += verb_lines(item, self._cut_off(), width)
        if self._about is not None:
            return [*lines, *read_lines(item, self._about, width, self.now)]
        waiting = [text(""), text(_("Asking Azure for points and settings ..."), "dim")]
        return lines if self._trouble else [*lines, *waiting]


def _read(vault: Vault, item: ProtectedItem, _deadline: Deadline) -> About:
    from services.recovery import item_settings

    return About(item_settings.details(vault, item), vault.points(item), vault.events(item))
