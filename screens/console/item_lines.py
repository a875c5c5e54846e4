"""The lines of an item's page, section by section; every one of them fits the width."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from screens.commands import Command
from screens.console import words
from screens.style import Cell, Line, beside, column, text, wrapped
from screens.welcome import labelled
from services.recovery.item import ItemError, ProtectedItem
from services.text import _, plain, rough_span

if TYPE_CHECKING:
    from services.recovery.points import RecoveryPoint
    from services.recovery.verbs import Verb

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
"""The keys of the verbs, by the verb's id."""
MOST = 8
"""Points and events that are shown."""
_CAPTION, _WHEN, _POINT, _LEAD = 20, 18, 22, 21


@dataclass(frozen=True)
class About:
    """What is read of one item beside its row."""

    details: Mapping[str, Any]
    points: Sequence[RecoveryPoint]
    events: Sequence[Mapping[str, Any]]


def verb_command(verb: Verb, *, begun: bool = False) -> Command:
    """A verb as a command; `begun`: a run of it is not over, and goes on."""
    title = f"{verb.title}: {verb.consequence}"
    return Command(f"verb-{verb.id}", KEYS[verb.id], _("go on") if begun else verb.title.lower(), title)


def standing(item: ProtectedItem, limit: int, width: int, now: datetime) -> list[Line]:
    """How the item stands, and what is wrong with it. `limit`: seconds of RPO that its policy warns at, or 0."""
    rpo = rough_span(item.rpo_seconds) if item.rpo_seconds is not None else _("not measured now")
    if limit and item.rpo_seconds is not None:
        against = _("{rpo}; the policy {policy} warns at {limit}")
        rpo = against.format(rpo=rpo, policy=plain(item.policy), limit=rough_span(limit))
    said = plain(item.description)
    rows = [
        (_("state"), item.word if said.lower() in ("", item.word) else f"{item.word} ({said})"),
        (_("health"), words.health(item.health)),
        (_("RPO"), rpo),
        (_("last drill"), words.ago(item.last_drill, now) or _("never")),
        (_("runs at"), _("Azure") if item.active == "Recovery" else _("the source site")),
        (_("provider"), plain(item.provider)),
    ]
    lines = [line for caption, value in rows for line in pair(caption, value, width)]
    return [*lines, *(line for error in item.errors for line in _wrong(error, width))]


def _wrong(error: ItemError, width: int) -> list[Line]:
    """A health error with its answer; ours where the code is known, else the service's."""
    from services.problems.known import known

    about = known(error.code)
    what = ": ".join(filter(None, (error.code, error.what)))
    lines = wrapped(plain(what), width, "bad" if error.level == "Error" else "warn")
    rows = (
        (_("why"), _(about.cause) if about else error.causes),
        (_("do"), _(about.fix) if about else error.action),
        (_("check"), about.check if about else ""),
    )
    for label, content in rows:
        lines += labelled(label, plain(content), width) if content else []
    return lines


def verb_lines(item: ProtectedItem, cut_off: Collection[str], width: int) -> list[Line]:
    """Every verb with its key and consequence, or with why it is not possible."""
    from services.recovery.verbs import offers

    lines: list[Line] = [text(""), text(_("What can be done"), "bold")]
    for offer in offers(item):
        begun = offer.verb.id in cut_off
        can = offer.possible or begun
        said = offer.verb.consequence if can else offer.why_not
        if begun:
            said = _("It was begun and cut off: go on with it. Nothing is asked twice.")
        key = Cell(f" {KEYS[offer.verb.id] if can else '-'} ", "accent" if can else "dim")
        lead = (key, column(offer.verb.title, _LEAD - 3))
        pieces = wrapped(plain(said), width - _LEAD, "" if can else "dim")
        lines += beside(lead, pieces)
    return lines


def read_lines(item: ProtectedItem, about: About, width: int, now: datetime) -> list[Line]:
    """What was read of the item: the machine, its settings, disks, points and events."""
    return [
        *_source(about.details, width),
        *_settings(item, about.details, width),
        *_disks(about.details, width),
        *_points(about.points, width, now),
        *_events(about.events, width),
    ]


def _source(details: Mapping[str, Any], width: int) -> list[Line]:
    done = details.get("resyncProgressPercentage")
    rows = [
        (_("address"), details.get("ipAddress")),
        (_("system"), details.get("osType")),
        (_("process server"), details.get("processServerName")),
        (_("agent"), details.get("agentVersion")),
        (_("replicated"), _("{count} %").format(count=done) if done not in (None, "", 100) else ""),
    ]
    lines = [line for caption, value in rows if value for line in pair(caption, plain(str(value)), width)]
    return [text(""), text(_("The machine"), "bold"), *lines] if lines else []


def _settings(item: ProtectedItem, details: Mapping[str, Any], width: int) -> list[Line]:
    from services.recovery.item_settings import current, settings

    title = _("In Azure it is") if item.active == "Recovery" else _("In Azure it will be")
    captions = settings()
    lines: list[Line] = [text(""), text(title, "bold")]
    for key, value in current(details).items():
        lines += pair(captions[key].caption, _name(plain(value)) or "-", width)
    return lines


def _name(value: str) -> str:
    """A resource by its name and group; t settings shows its whole id."""
    if not value.startswith("/"):
        return value
    parts = value.split("/")
    group = parts[4] if len(parts) > 4 else ""
    return _("{name} in {group}").format(name=parts[-1], group=group) if len(parts) > 5 else parts[-1]


def _disks(details: Mapping[str, Any], width: int) -> list[Line]:
    lines: list[Line] = [text(""), text(_("Disks"), "bold")]
    for disk in details.get("protectedDisks") or []:
        size = int(disk.get("diskCapacityInBytes") or 0) / 1024**3
        lines += pair(
            _("{size} GiB").format(size=round(size)), plain(str(disk.get("diskName") or "-")), width
        )
    fixed = _("While it is protected: add no disk, shrink none, change no disk identity, upgrade no system.")
    return [*lines, *wrapped(fixed, width, "dim")]


def _points(points: Sequence[RecoveryPoint], width: int, now: datetime) -> list[Line]:
    lines: list[Line] = [text(""), text(_("Recovery points and their loss"), "bold")]
    kinds = {"ApplicationConsistent": _("application-consistent"), "CrashConsistent": _("crash-consistent")}
    for point in points[:MOST]:
        at = f"{point.at:%Y-%m-%d %H:%M} UTC" if point.at else "-"
        said = f"{words.lost(point.at, now):<18}{kinds.get(point.kind, plain(point.kind))}"
        lines += beside((column(at, _POINT),), wrapped(said, width - _POINT))
    return [*lines, _shown(len(points))]


def _events(events: Sequence[Mapping[str, Any]], width: int) -> list[Line]:
    lines: list[Line] = [text(""), text(_("Events, in UTC"), "bold")]
    for event in events[:MOST]:
        when = column(str(event["at"])[:16].replace("T", " "), _WHEN, "dim")
        lines += beside((when,), wrapped(plain(str(event["what"])), width - _WHEN))
    return [*lines, _shown(len(events))]


def _shown(count: int) -> Line:
    if not count:
        return text(_("none"), "dim")
    if count > MOST:
        return text(_("the newest {shown} of {count}").format(shown=MOST, count=count), "dim")
    return text(_("{count} in all").format(count=count), "dim")


def pair(caption: str, value: str, width: int) -> list[Line]:
    """A caption, and beside it a value over as many lines as it takes."""
    return beside((column(caption, _CAPTION, "dim"),), wrapped(value, width - _CAPTION))
