"""The first page."""

from __future__ import annotations

from pathlib import Path

from screens.book import Book
from screens.lines import Menu
from services.problems.model import Problem, ProblemError
from tests.screens.driving import (
    driven,
    focused,
    lines,
    press,
    running,
    screen_text,
    settled,
    shell,
    step_page,
)
from tests.screens.small import book
from tui.options import LaunchOptions
from tui.shell import Shell


@driven
async def test_shows_where_one_is_and_what_can_be_begun(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        shown = lines(pilot)
        assert shown[0] == "Lifeboat  PRACTICE  not signed in"
        assert set(shown[1]) == {"\u2500"}
        assert shown[2] == "What now?"
        assert "> New set-up         A small set-up" in shown
        assert isinstance(focused(pilot), Menu)
        assert "Enter open" in shown[-1]


@driven
async def test_going_on_is_offered_first_after_something_was_begun(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await press(pilot, "enter", "enter", "b", "b")
        assert "> Continue set-up    A small set-up" in lines(pilot)
        assert "1 of 5 steps done, next: Sign in" in screen_text(pilot)
        await press(pilot, "enter")
        assert step_page(pilot).step_id == "sign-in"


@driven
async def test_the_list_of_commands_finds_what_the_page_offers(tmp_path: Path) -> None:
    async with running(tmp_path) as pilot:
        await press(pilot, "slash")
        assert "New: A small set-up" in screen_text(pilot)
        await press(pilot, *"console")
        assert "Console: protected machines, jobs, drills, failover" in screen_text(pilot)
        await press(pilot, *["backspace"] * 7, *"new", "enter")
        await settled(pilot)
        assert step_page(pilot).step_id == "read"


@driven
async def test_a_long_title_of_the_next_step_is_read_whole(tmp_path: Path) -> None:
    async with running(tmp_path, size=(48, 24)) as pilot:
        await press(pilot, "enter", "enter", "b", "b")
        assert "1 of 5 steps done, next: Sign in" in " ".join(" ".join(lines(pilot)).split())


@driven
async def test_first_frame_needs_neither_journal_nor_scenario(tmp_path: Path) -> None:
    """The book is opened by a worker, so a slow disk or a slow start of the servers delays no frame."""
    import threading

    may_open = threading.Event()

    def slow() -> Book:
        may_open.wait(20)
        return book(tmp_path / "practice")

    app = Shell(LaunchOptions(open_book=slow, state=tmp_path, practice=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.1)
        assert lines(pilot)[2] == "What now?"
        assert "Opening the practice world and its journal ..." in screen_text(pilot)
        may_open.set()
        await settled(pilot)
        assert "A small set-up" in screen_text(pilot)
        assert app.desk.book is not None
        app.desk.book.journal.close()


@driven
async def test_a_journal_that_cannot_be_opened_is_explained_and_tried_again(tmp_path: Path) -> None:
    tries: list[int] = []

    def full_disk() -> Book:
        tries.append(1)
        if len(tries) == 1:
            raise ProblemError(
                Problem(
                    "disk-full",
                    "/state/journal.sqlite",
                    "the disk is full",
                    remedy="Make room, then try again.",
                )
            )
        return book(tmp_path / "practice")

    app = Shell(LaunchOptions(open_book=full_disk, state=tmp_path, practice=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        await settled(pilot)
        assert "/state/journal.sqlite: the disk is full" in screen_text(pilot)
        assert "Make room, then try again." in screen_text(pilot)
        await press(pilot, "r")
        await pilot.pause(0.1)
        await settled(pilot)
        assert "A small set-up" in screen_text(pilot)
        assert "the disk is full" not in screen_text(pilot)
        assert shell(pilot).desk.book is not None
        shell(pilot).desk.book.journal.close()  # type: ignore[union-attr]


@driven
async def test_what_is_finished_says_so_and_names_its_machines(tmp_path: Path) -> None:
    from services.scenario.walk import Walk
    from tests.screens.small import SMALL

    held = book(tmp_path / "practice")
    engagement = held.begin(SMALL)
    walk_through = Walk(SMALL, held.world, held.journal, engagement, lambda _event: None)
    machine = {"name": "app-01", "address": "10.1.0.11", "os": "Linux"}
    walk_through.save(SMALL.step("machines"), {"machines": [machine]})
    for step in SMALL.steps:
        walk_through.complete(step)
    held.journal.close()
    async with running(tmp_path) as pilot:
        assert "> Finished           A small set-up" in lines(pilot)
        assert "protected: app-01" in screen_text(pilot)
        assert "Rehearse" not in screen_text(pilot)
