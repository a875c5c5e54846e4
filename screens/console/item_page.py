"""One protected item: how it stands, each verb with its why-not, settings, disks, points, errors, events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.widget import Widget

from screens.commands import BACK, Command
from screens.console import words
from screens.console.vault_desk import VaultDesk
from screens.fold import Fold
from screens.page import Heading, Page
from screens.reader import Text
from screens.style import Cell, Line, column, text, wrapped
from screens.welcome import problem_lines
from services.text import _, plain

if TYPE_CHECKING:
    from screens.console.errand import Errand
    from services.problems.model import Problem, ProblemError
    from services.recovery.item import ProtectedItem
    from services.recovery.points import RecoveryPoint
    from services.recovery.vault import Vault
    from services.world.deadline import Deadline

SETTINGS = Command("settings", "t", "settings", "Change compute and network settings")
JOBS = Command("jobs", "j", "jobs", "Jobs of the vault")
LOOK = Command("look", "r", "refresh", "Read points and settings again")
KEYS = {
    "drill": "d",
    "cleanup": "u",
    "failover": "o",
    "planned-failover": "O",
    "change-point": "k",
    "commit": "m",
    "cancel": "c",
    "reprotect": "l",
    "disable": "z",
}
MOST = 8
"""Points and events that are shown."""


@dataclass(frozen=True)
class About:
    """What is read of one item beside its row."""

    details: Mapping[str, Any]
    points: list[RecoveryPoint]
    events: list[Mapping[str, Any]]


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
        return Heading(plain(item.title, 60), plain(item.scenario) if item.busy else item.word)

    @property
    def commands(self) -> tuple[Command, ...]:
        from services.recovery.verbs import verbs

        item = self.item
        known = self._errands(item)
        open_verbs = self._cut_off()
        found = [
            Command(
                f"verb-{verb.id}",
                KEYS[verb.id],
                _("go on") if verb.id in open_verbs else verb.title.lower(),
                verb.consequence,
            )
            for verb in verbs()
            if verb.id in known
            and (verb.id in open_verbs or (item is not None and verb.operation in item.allowed))
        ]
        return (*found, SETTINGS, JOBS, LOOK, BACK)

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
        lines = [line for problem in self._trouble for line in problem_lines(problem, width)]
        item = self.item
        if item is None:
            return [*lines, text(_("This item is not in the vault any more."))]
        lines += self._standing(item, width)
        lines += self._verbs(item, width)
        if self._about is None:
            return [*lines, text(""), text(_("Asking Azure for points and settings ..."), "dim")]
        return [*lines, *self._read_lines(self._about, width)]

    def _standing(self, item: ProtectedItem, width: int) -> list[Line]:
        seen = self.console.seen
        thresholds = seen.thresholds if seen is not None else {}
        limit = thresholds.get(item.policy_id.lower(), 0)
        rpo = words.span(item.rpo_seconds) if item.rpo_seconds is not None else "-"
        against = _("{rpo}; the policy {policy} warns at {limit}").format(
            rpo=rpo, policy=plain(item.policy), limit=words.span(limit) if limit else "-"
        )
        drill = words.age(item.last_drill, self.now)
        rows = [
            (_("state"), f"{item.word} ({plain(item.description)})"),
            (_("health"), words.health(item.health)),
            (_("RPO"), against),
            (_("last drill"), _("{age} ago").format(age=drill) if drill else _("never")),
            (_("runs at"), _("Azure") if item.active == "Recovery" else _("the source site")),
            (_("provider"), plain(item.provider)),
        ]
        lines = [_pair(caption, value) for caption, value in rows]
        for error in item.errors:
            lines += wrapped(
                f"{error.code} {plain(error.what)}", width, "bad" if error.level == "Error" else "warn"
            )
            lines += wrapped(plain(f"{error.causes} {error.action}".strip()), width, indent="  ")
        return lines

    def _verbs(self, item: ProtectedItem, width: int) -> list[Line]:
        from services.recovery.verbs import Offer, offers

        cut_off = self._cut_off()
        lines: list[Line] = [text(""), text(_("What can be done"), "bold")]
        for offer in offers(item):
            if offer.verb.id in cut_off:
                offer = Offer(offer.verb, True)
            key = KEYS[offer.verb.id] if offer.possible else "-"
            lead = (Cell(f" {key} ", "accent" if offer.possible else "dim"), column(offer.verb.title, 18))
            said = offer.verb.consequence if offer.possible else offer.why_not
            if offer.verb.id in cut_off:
                said = _("It was begun and cut off: go on with it. Nothing is asked twice.")
            pieces = wrapped(plain(said), width - 21, "" if offer.possible else "dim")
            lines += [
                (*(lead if number == 0 else (Cell(" " * 21),)), *piece) for number, piece in enumerate(pieces)
            ]
        return lines

    def _read_lines(self, about: About, width: int) -> list[Line]:
        from services.recovery.item_settings import current, settings

        captions = settings()
        lines: list[Line] = [text(""), text(_("In Azure it will be"), "bold")]
        lines += [
            _pair(captions[key].caption, plain(value) or "-") for key, value in current(about.details).items()
        ]
        lines += [text(""), text(_("Disks"), "bold")]
        for disk in about.details.get("protectedDisks") or []:
            size = int(disk.get("diskCapacityInBytes") or 0) / 1024**3
            lines.append(_pair(plain(str(disk.get("diskName"))), _("{size} GiB").format(size=round(size))))
        lines += wrapped(
            _("While it is protected: add no disk, shrink none, change no disk identity, upgrade no system."),
            width,
            "dim",
        )
        lines += [text(""), text(_("Recovery points"), "bold")]
        kinds = {
            "ApplicationConsistent": _("application-consistent"),
            "CrashConsistent": _("crash-consistent"),
        }
        for point in about.points[:MOST]:
            at = f"{point.at:%Y-%m-%d %H:%M} UTC" if point.at else "-"
            loss = _("{age} lost").format(age=words.age(point.at, self.now))
            lines.append((column(at, 24), column(kinds.get(point.kind, plain(point.kind)), 24), Cell(loss)))
        lines.append(text(_("{count} in all").format(count=len(about.points)), "dim"))
        lines += [text(""), text(_("Events"), "bold")]
        lines += [
            (column(str(event["at"])[:16].replace("T", " "), 18, "dim"), Cell(plain(str(event["what"]))))
            for event in about.events[:MOST]
        ]
        return lines


def _pair(caption: str, value: str) -> Line:
    return (column(caption, 20, "dim"), Cell(value))


def _read(vault: Vault, item: ProtectedItem, _deadline: Deadline) -> About:
    from services.recovery import item_settings

    return About(item_settings.details(vault, item), vault.points(item), vault.events(item))
