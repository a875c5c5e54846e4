"""Driving the pages of errands: filled in, planned, consented to, and what they have left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from screens.console.consent_rows import ConsentRows
from screens.console.errand import Errand
from screens.console.errand_page import ErrandPage, Phase
from screens.console.vault_desk import VaultDesk
from screens.page import Page
from screens.step.fields import ChoiceRow, FieldRow, TextEntry, TextRow
from services.evidence.history import entries
from services.evidence.model import Record
from services.evidence.verify import verify
from services.recovery.item import ProtectedItem
from tests.practice_world import ledger
from tests.screens.consoles import settled
from tests.screens.driving import Driver, button, buttons, page, screen_text, shell, until


def desk(pilot: Driver) -> VaultDesk:
    found = shell(pilot).desk.console
    assert found is not None
    return found


def item(pilot: Driver, title: str) -> ProtectedItem:
    seen = desk(pilot).seen
    assert seen is not None
    return next(one for one in seen.items.values() if one.title == title)


async def planned(pilot: Driver, errand: Errand, **values: str) -> None:
    """The page of an errand, with its plan; `values` are put into its fields."""
    console = desk(pilot)
    shell(pilot).post_message(Page.Go(lambda: ErrandPage(console, errand)))
    await until(pilot, lambda: getattr(page(pilot), "errand", None) is errand)
    await until(pilot, lambda: errand_page(pilot).phase in (Phase.ASKING, Phase.PLANNED), 60)
    await settled(pilot)
    if errand_page(pilot).phase is Phase.ASKING:
        for key, value in values.items():
            row = errand_page(pilot).query_one(f"#field-{key}", FieldRow)
            if isinstance(row, ChoiceRow):
                row.menu.choose(value)
            else:
                assert isinstance(row, TextRow)
                row.input.value = value
        await settled(pilot)
        await go(pilot, "plan")
    await until(pilot, lambda: errand_page(pilot).phase is Phase.PLANNED, 60)
    await settled(pilot)


def errand_page(pilot: Driver) -> ErrandPage:
    here = page(pilot)
    assert isinstance(here, ErrandPage)
    return here


def is_over(pilot: Driver) -> bool:
    return getattr(page(pilot), "phase", None) is Phase.OVER


async def go(pilot: Driver, name: str) -> None:
    """Push a button with Enter; a plan is read to its end before."""
    for _page in range(12):
        found = buttons(pilot)
        wanted = name if name in found else "more"
        assert wanted in found, screen_text(pilot)
        button(pilot, wanted).focus()
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        if wanted == name:
            return
    raise AssertionError(screen_text(pilot))


async def typed(pilot: Driver, key: str, value: str) -> None:
    """Put a value into a row of the consent, as a paste would."""
    rows = errand_page(pilot).query_one(ConsentRows)
    await until(pilot, lambda: (row := rows.row(key)) is not None and row.query(TextEntry))
    row = rows.row(key)
    assert row is not None
    row.query_one(TextEntry).value = value
    await settled(pilot)


def text(pilot: Driver) -> str:
    return " ".join(screen_text(pilot).split())


def record(state: Path, target: str) -> tuple[Path, Record]:
    """The newest record of a target's run, and its folder, which is found unaltered."""
    found = [
        one
        for one in entries(state / "practice" / "evidence")
        if one.record and one.record.identity.target == target
    ]
    assert found[-1].record is not None
    assert verify(found[-1].path).unaltered
    return found[-1].path, found[-1].record


def asked(served: dict[str, Any], *parts: str) -> int:
    """How many requests Azure has accepted whose path has all of this in it."""
    paths = [str(row["target"]).lower() for row in ledger(served)]
    return sum(all(part.lower() in path for part in parts) for path in paths)
