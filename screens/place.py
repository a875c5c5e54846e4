"""The top line: product, world, vault, subscription and account, on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.desk import Desk
from screens.state import DONE
from screens.style import Cell, Line
from services.text import _, plain

if TYPE_CHECKING:
    from screens.book import Book
    from services.scenario.answers import Answers


def place(desk: Desk, *, practice: bool, read_only: bool) -> Line:
    """Where one is. What is not known yet is left out; what is only configured is not known.

    A journal that somebody else holds makes a program read-only too.
    """
    cells = [Cell("Lifeboat  ", "bold"), _world(practice)]
    if read_only or (desk.book is not None and desk.book.journal.read_only):
        cells.append(Cell("  " + _("READ-ONLY"), "warn"))
    cells += [Cell(f"  {part}") for part in _parts(desk) if part]
    return tuple(cells)


def _world(practice: bool) -> Cell:
    return Cell("PRACTICE", "mark") if practice else Cell(_("live"), "accent")


def principal(desk: Desk) -> str:
    """Who is signed in, as the sign-in step has found out; empty where nobody is."""
    account = desk.view.facts.get("sign-in.account") if desk.view is not None else None
    return plain(str(account.get("name") or ""), 40) if isinstance(account, dict) else ""


def _parts(desk: Desk) -> list[str]:
    """Vault and subscription once their steps have found them, and who is signed in."""
    book, view = desk.book, desk.view
    if book is None:
        return []
    console = desk.console
    if console is not None and console.vault is not None:
        ref = console.vault.ref
        return [plain(ref.name, 40), _subscription(book, ref.subscription), _who(console.account)]
    parts = []
    if view is not None and view.states.get("vault") == DONE:
        parts.append(plain(_value(view.answers, "vault.name", book.world.known.get("vault", "")), 40))
    if view is not None and view.states.get("subscription") == DONE:
        parts.append(_subscription(book, _value(view.answers, "subscription.subscription", "")))
    return [*parts, _who(principal(desk)) or _("not signed in")]


def _who(name: str) -> str:
    """An account; an application's id by its beginning, so that the line is not cut."""
    is_id = len(name) == 36 and name.count("-") == 4
    return _("app {beginning}..").format(beginning=name[:8]) if is_id else plain(name, 40)


def _subscription(book: Book, id_: str) -> str:
    """The subscription by the name that the world knows, else by its id."""
    known = book.world.known
    name = known.get("subscription-name", id_) if not id_ or id_ == known.get("subscription") else id_
    return _("sub {name}").format(name=plain(name, 40))


def _value(answers: Answers, key: str, otherwise: str) -> str:
    return answers.text(key) if answers.field(key) else otherwise
