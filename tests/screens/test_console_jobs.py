"""The pages of the vault's jobs over a practice vault: one job in full, and all of them as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from screens.console.items_page import ItemsPage
from screens.console.job_page import VaultJobPage
from screens.console.jobs_export_page import JobsExportPage
from screens.console.jobs_page import VaultJobsPage
from screens.console.vault_desk import VaultDesk
from screens.table import Table
from services.journal.model import OperationRow
from services.journal.operations import INTENT, intend
from services.recovery import run
from services.world.deadline import Deadline
from tests.practice_world import running_world
from tests.screens.consoles import console, settled
from tests.screens.driving import Driver, driven, page, screen_text, shell, until


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path_factory.mktemp("jobs"), items=12, speed=600) as world:
        yield world


@driven
async def test_jobs_are_exported_from_their_page(served: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    async with console(served, tmp_path / "state") as pilot:
        await pilot.press("j")
        await settled(pilot)
        await pilot.press("e")
        await settled(pilot)
        entry = page(pilot).query_one("FileEntry")
        assert isinstance(page(pilot), JobsExportPage)
        entry.value = str(path)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: "jobs are written" in screen_text(pilot))
        known = shell(pilot).desk.console.seen.jobs  # type: ignore[union-attr]
        assert {json.loads(line)["id"] for line in path.read_text().splitlines()} == set(known)
        await pilot.press("enter")
        said = "There is a file of this name already."
        await until(pilot, lambda: said in " ".join(screen_text(pilot).split()))


@driven
async def test_enter_opens_the_marked_job_whole(served: dict[str, Any], tmp_path: Path) -> None:
    async with console(served, tmp_path) as pilot:
        await pilot.press("j", "enter")
        await until(pilot, lambda: isinstance(shell(pilot).page, VaultJobPage))
        await until(pilot, lambda: "Clean up the test virtual machine" in screen_text(pilot))
        assert "Test failover cleanup" in page(pilot).heading.title
        assert page(pilot).heading.state == "succeeded"


@driven
async def test_a_drill_that_waits_for_its_clean_up_is_said_so_and_counted_apart(
    served: dict[str, Any], tmp_path: Path
) -> None:
    async with console(served, tmp_path) as pilot:
        assert "no job runs" in page(pilot).heading.state
        await pilot.press("j")
        await settled(pilot)
        assert page(pilot).heading.state == "none running   1 waiting for clean-up"
        desk = shell(pilot).desk.console
        assert desk is not None
        assert desk.seen is not None
        (name,) = [name for name, job in desk.seen.jobs.items() if job.awaits_cleanup]
        table = page(pilot).query_one(Table)
        await pilot.press(*["down"] * table._keys.index(name))
        assert "> waiting for clean-up  Test failover" in screen_text(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "The drill is done." in screen_text(pilot))
        assert page(pilot).heading.state == "waiting for clean-up"
        assert [one.id for one in page(pilot).commands] == ["back"]


@driven
async def test_one_comes_back_to_the_place_that_was_left(served: dict[str, Any], tmp_path: Path) -> None:
    async with console(served, tmp_path) as pilot:
        await pilot.press("s", "f", *"app", "enter", "down", "down")
        await settled(pilot)
        before = screen_text(pilot).splitlines()[3:-3]
        assert any(line.startswith("> app-0") for line in before)
        await pilot.press("enter", "b")
        await until(pilot, lambda: isinstance(shell(pilot).page, ItemsPage))
        await settled(pilot)
        assert screen_text(pilot).splitlines()[3:-3] == before
        await pilot.press("j", "down", "down", "down", "enter", "b")
        await until(pilot, lambda: isinstance(shell(pilot).page, VaultJobsPage))
        await settled(pilot)
        table = page(pilot).query_one(Table)
        assert table.marked == table._keys[3]


@driven
async def test_a_run_in_somebodys_hands_here_is_not_said_to_be_cut_off(
    served: dict[str, Any], tmp_path: Path
) -> None:
    async with console(served, tmp_path) as pilot:
        desk = shell(pilot).desk.console
        assert desk is not None
        assert desk.vault is not None
        item = desk.vault.find("app-03")
        hand = run.begin(desk.vault, "drill", [item.id], [item.title], {}, Deadline(60))
        intend(
            hand.journal,
            OperationRow(
                0, hand.engagement.id, "", "drill", "POST", "/x", "d", "id", INTENT, 1, "", "", "", ""
            ),
        )
        await _looked(pilot, desk)
        assert [about.names for about in desk.cut_off] == []
        with hand.in_hand():
            """What was begun is left."""
        await _looked(pilot, desk)
        assert [about.names for about in desk.cut_off] == [("app-03",)]
        hand.end("given-up")


async def _looked(pilot: Driver, desk: VaultDesk) -> None:
    """Wait for a look that began after now."""
    for _look in range(2):
        before = desk.seen
        desk.hurry()
        await until(pilot, lambda seen=before: desk.seen is not seen)
