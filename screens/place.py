"""The top line: product, world, vault, subscription and account, on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.desk import Desk
from screens.style import Cell, Line
from services.text import _, plain

if TYPE_CHECKING:
    from services.scenario.answers import Answers


def place(desk: Desk, *, practice: bool, read_only: bool) -> Line:
    """Where one is. What is not known yet is left out."""
    cells = [Cell("Lifeboat  ", "bold"), _world(practice)]
    if read_only:
        cells.append(Cell("  " + _("READ-ONLY"), "warn"))
    cells += [Cell(f"  {part}") for part in _parts(desk) if part]
    return tuple(cells)


def _world(practice: bool) -> Cell:
    return Cell("PRACTICE", "mark") if practice else Cell(_("live"), "accent")


def _parts(desk: Desk) -> list[str]:
    book, view = desk.book, desk.view
    if book is None:
        return []
    known = book.world.known
    if view is None:
        return [
            known.get("vault", ""),
            _subscription(known.get("subscription-name", "")),
            known.get("account", ""),
        ]
    answers = view.answers
    subscription = _value(answers, "subscription.subscription", "")
    if not subscription or subscription == known.get("subscription"):
        subscription = known.get("subscription-name", subscription)
    account = view.facts.get("sign-in.account") or {}
    name = account.get("name", "") if isinstance(account, dict) else ""
    return [
        plain(_value(answers, "vault.name", known.get("vault", "")), 40),
        _subscription(plain(subscription, 40)),
        plain(str(name or known.get("account", "")), 40),
    ]


def _subscription(name: str) -> str:
    return _("sub {name}").format(name=name) if name else ""


def _value(answers: Answers, key: str, otherwise: str) -> str:
    return answers.text(key) if answers.field(key) else otherwise
