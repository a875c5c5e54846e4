"""A vault that is empty, and one that cannot be read: the pages say so and offer only what can be done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from screens.book import Book
from screens.console.items_page import ItemsPage
from screens.console.vault_desk import VaultDesk
from screens.page import Page
from services.journal.journal import Journal
from services.journal.model import Actor
from services.problems.model import Problem
from services.scenario.registry import SCENARIOS
from services.world.build import practice_world
from tests.practice_world import running_world
from tests.screens.consoles import console, settled
from tests.screens.driving import Driver, driven, page, screen_text, shell, until
from tui.options import LaunchOptions
from tui.shell import Shell

BROKEN = Problem("http-503", "replicationJobs", "Azure does not answer.")


@driven
async def test_a_vault_without_items_offers_no_verb_over_them(tmp_path: Path) -> None:
    with running_world(tmp_path / "world", speed=600) as world:
        async with console(world, tmp_path) as pilot:
            assert "Nothing is protected in this vault." in screen_text(pilot)
            assert [one.id for one in page(pilot).commands][:2] == ["jobs", "plans"]
            for key, said in (("j", "There are no jobs."), ("p", "There are no recovery plans")):
                await pilot.press(key)
                await until(pilot, lambda wanted=said: wanted in screen_text(pilot))
                await pilot.press("b")
                await until(pilot, lambda: isinstance(shell(pilot).page, ItemsPage))


@driven
async def test_a_vault_that_cannot_be_opened_is_asked_again_by_r(tmp_path: Path) -> None:
    with running_world(tmp_path / "world", items=12, speed=600) as world:
        gone = world | {"authority": "https://localhost:1"}
    async with _shell(gone, tmp_path) as pilot:
        desk = shell(pilot).desk.console = VaultDesk(shell(pilot).desk)
        shell(pilot).post_message(Page.Go(lambda: ItemsPage(desk)))
        await until(pilot, lambda: "r asks again." in screen_text(pilot))
        await settled(pilot)
        assert [one.id for one in page(pilot).commands] == ["look", "back"]
        await pilot.press("j", "p", "v", "h")
        await settled(pilot)
        assert isinstance(page(pilot), ItemsPage)
        desk.trouble = ()
        await pilot.press("r")
        await until(pilot, lambda: bool(desk.trouble))


@driven
async def test_what_is_old_is_said_to_be_old(tmp_path: Path) -> None:
    with running_world(tmp_path / "world", items=12, speed=60) as world:
        async with console(world, tmp_path) as pilot:
            desk = shell(pilot).desk.console
            assert desk is not None
            assert desk.seen_at is not None
            desk.stop()
            await until(pilot, lambda: shell(pilot).desk.workers.idle)
            desk.trouble = (BROKEN,)
            desk.seen_at -= timedelta(hours=3)
            page(pilot).draw()
            await settled(pilot)
            shown = " ".join(screen_text(pilot).split())
            assert "replicationJobs: Azure does not answer." in shown
            assert "What stands here was seen 3 h ago" in shown
            assert "app-01" in shown


@asynccontextmanager
async def _shell(described: dict[str, object], state: Path) -> AsyncIterator[Driver]:
    world = practice_world(described, state)
    journal = Journal.open(state, world.id, Actor.here())
    options = LaunchOptions(open_book=lambda: Book(world, journal, SCENARIOS), state=state, practice=True)
    app = Shell(options)
    async with app.run_test(size=(80, 24)) as pilot:
        try:
            await until(pilot, lambda: app.desk.book is not None)
            await settled(pilot)
            yield pilot
        finally:
            app.desk.stop()
            journal.close()
