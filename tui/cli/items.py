"""`lifeboat items`: what is protected, as a table, as JSON, again and again; and its settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from services.problems.model import CancelledError, Problem, RefusedError
from services.recovery import item_settings, run
from services.recovery.item import ProtectedItem
from services.recovery.points import APP, CRASH, loss
from services.recovery.verbs import possible, verbs
from services.recovery.watch import Watch
from services.text import _, plain, rough_span
from services.world.deadline import Deadline
from tui.cli.fit import fitted, terminal_width
from tui.cli.globals import Globals, can_ask, json_line
from tui.cli.vaults import opened_vault

_NAME, _STATES = "{:<20}", " {:<24} {:<9} {:<8} {:<11} "
_POINT = "{:<16}  {:<16}  {:<7}  {}"
_KINDS = {APP: "app-consistent", CRASH: "crash-consistent"}


def list_items(options: Globals, *, watch: bool, as_json: bool) -> int:
    """Every protected item of the vault; with `watch` again whenever one has moved, until interrupted."""
    deadline = Deadline()
    with opened_vault(options, deadline, lambda _event: None) as vault:
        if not watch:
            _tell(vault.items(), vault.world.clock.now(), as_json)
            return 0
        eyes, first = Watch(vault), True
        try:
            while True:
                seen = eyes.look()
                moved = [item for id_, item in seen.items.items() if id_ in seen.moved_items]
                _tell(moved, vault.world.clock.now(), as_json, head=first)
                first = False
                deadline.wait(seen.pause)
        except CancelledError:
            return 130


def list_points(options: Globals, name: str, *, as_json: bool) -> int:
    """The recovery points of an item, the newest first: time, kind, what is lost by taking it now, id."""
    with opened_vault(options, Deadline(), lambda _event: None) as vault:
        found = vault.points(vault.find(name))
        now = vault.world.clock.now()
    if not found:
        click.echo(_("It has no recovery point yet."), err=True)
    elif not as_json:
        head = (_("time, UTC"), _("kind"), _("lost"), _("id"))
        click.echo(_POINT.format(*head).rstrip(), err=True)
    for point in found:
        lost = loss(point, now)
        seconds = None if lost is None else round(lost.total_seconds())
        if as_json:
            at = point.at.isoformat() if point.at else ""
            json_line({"point": point.name, "at": at, "kind": point.kind, "lossSeconds": seconds})
        else:
            at = f"{point.at:%Y-%m-%d %H:%M}" if point.at else ""
            kind = _KINDS.get(point.kind, point.kind)
            click.echo(plain(_POINT.format(at, kind, _short(seconds), point.name)))
    return 0


def _short(seconds: int | None) -> str:
    """A span so short that a line fits 80 columns; a dash where it is not known."""
    return "-" if seconds is None else rough_span(seconds)


def set_item(
    options: Globals, name: str, pairs: Sequence[str], *, plan_only: bool, yes: bool, as_json: bool
) -> int:
    """Change compute and network settings of an item: shown first, made with consent, looked at again."""
    wanted = item_settings.parsed(list(pairs))
    deadline = Deadline()
    with opened_vault(options, deadline, json_line if as_json else lambda _event: None) as vault:
        item = vault.find(name)
        shown = item_settings.plan(vault, item, wanted)
        if as_json:
            json_line(
                {
                    "event": "plan",
                    "action": shown.action,
                    "digest": shown.digest,
                    "changes": [vars(change) for change in shown.changes],
                    "needs": list(shown.needs),
                }
            )
        else:
            for change in shown.changes:
                click.echo(plain(f"{change.name}: {change.thing}: {change.detail}"))
        if shown.empty:
            if not vault.journal.read_only:
                run.close_settled(vault, "settings", item.id, "done")
            click.echo(_("Everything is as wanted; nothing was changed."), err=True)
        if shown.empty or plan_only:
            return 0
        if not (yes or (can_ask() and click.confirm(_("Change it?"), default=False, err=True))):
            what = _("The plan was not confirmed; nothing was changed.")
            raise RefusedError(Problem("not-confirmed", name, what, remedy=_("Add --yes.")))
        hand = run.begin(vault, "settings", [item.id], [item.title], wanted, deadline)
        with hand.closing():
            item_settings.apply(hand, vault, item, wanted, shown)
        click.echo(_("Changed."), err=True)
    return 0


def item_json(item: ProtectedItem) -> dict[str, Any]:
    """An item as one JSON object: ids, codes and values."""
    return {
        "id": item.id,
        "name": item.title,
        "provider": item.provider,
        "state": item.state,
        "phase": item.phase,
        "health": item.health,
        "rpoSeconds": item.rpo_seconds,
        "rpoAt": item.rpo_at and item.rpo_at.isoformat(),
        "lastDrill": item.last_drill and item.last_drill.isoformat(),
        "active": item.active,
        "policy": item.policy,
        "job": item.job,
        "verbs": [verb.id for verb in possible(item)],
        "errors": [{"code": error.code, "level": error.level, "what": error.what} for error in item.errors],
    }


def _tell(items: Sequence[ProtectedItem], now: datetime, as_json: bool, *, head: bool = True) -> None:
    if items and head and not as_json:
        names = (_("name"), _("state"), _("health"), _("RPO"), _("last drill"), _("what can be done"))
        click.echo(_row(*names), err=True)
    for item in items:
        if as_json:
            json_line(item_json(item))
        else:
            click.echo(item_line(item, now).rstrip())
    if not items and head and not as_json:
        click.echo(_("Nothing is protected in this vault."), err=True)


def item_line(item: ProtectedItem, now: datetime) -> str:
    """An item: name, state, health, RPO, last drill, what can be done or what runs; one line where it fits."""
    rpo = _short(item.rpo_seconds)
    drill = _("never")
    if item.last_drill:
        drill = _("{span} ago").format(span=_short(max(0, round((now - item.last_drill).total_seconds()))))
    doing = " ".join(verb.id for verb in possible(item)) or _running(item)
    return _row(item.title, item.word, item.health, rpo, drill, doing)


def _row(name: str, *rest: str) -> str:
    *states, doing = (plain(cell) for cell in rest)
    return fitted(_NAME.format(plain(name)), _STATES.format(*states), doing, terminal_width())


def _running(item: ProtectedItem) -> str:
    titles = {verb.operation: verb.title for verb in verbs()}
    what = titles.get(item.scenario, item.scenario)
    return _("runs: {what}").format(what=what) if item.busy and what else ""


def detail(values: Mapping[str, str]) -> list[str]:
    """Settings as lines."""
    captions = item_settings.settings()
    return [f"{captions[key].caption:<18} {plain(value) or '-'}" for key, value in values.items()]
