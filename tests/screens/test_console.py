"""The console's pages over a practice vault: real servers, driven by keys at 80x24."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from screens.console.errand_page import ErrandPage
from screens.console.items_page import ItemsPage
from screens.table import Table
from services.journal.journal import Journal
from services.journal.model import Actor
from services.world.build import practice_world
from tests.practice_world import running_world
from tests.screens.consoles import console, settled
from tests.screens.driving import Driver, driven, page, screen_text, shell, until


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path_factory.mktemp("console"), items=12, speed=600) as world:
        yield world


@driven
async def test_items_are_sorted_filtered_and_opened(served: dict[str, Any], tmp_path: Path) -> None:
    async with console(served, tmp_path) as pilot:
        assert isinstance(page(pilot), ItemsPage)
        table = page(pilot).query_one(Table)
        assert table.marked.endswith(_named(pilot, "app-01"))
        await pilot.press("s", "s")
        await settled(pilot)
        assert table.marked.endswith(_named(pilot, "app-01"))
        rows = [
            line[2:].split()[0]
            for line in screen_text(pilot).splitlines()
            if line[2:].startswith(("app", "db", "web", "vm"))
        ]
        worst = sorted(
            _items(pilot), key=lambda item: -(item.rpo_seconds if item.rpo_seconds is not None else 10**9)
        )
        assert rows[0] == worst[0].title
        await pilot.press("f", *"db-0", "enter")
        await settled(pilot)
        assert "web-01" not in screen_text(pilot)
        await pilot.press("home", "enter")
        await until(
            pilot, lambda: "Recovery points" in screen_text(pilot) or "more lines below" in screen_text(pilot)
        )
        assert "db-0" in shell(pilot).page.heading.title  # type: ignore[union-attr]


@driven
async def test_the_filter_is_seen_while_it_is_typed_and_esc_closes_it_only(
    served: dict[str, Any], tmp_path: Path
) -> None:
    async with console(served, tmp_path) as pilot:
        await pilot.press("f", *"vmw")
        await settled(pilot)
        assert "vmw" in [line.strip() for line in screen_text(pilot).splitlines()]
        assert page(pilot).heading.state.startswith("1 of 12 items")
        await pilot.press("escape", "f", "escape")
        await settled(pilot)
        assert isinstance(page(pilot), ItemsPage)
        assert page(pilot).heading.state.startswith("12 items")
        await pilot.press("f", *"nothing-of-it")
        await settled(pilot)
        assert "No item's name or state holds 'nothing-of-it'." in screen_text(pilot)


@driven
async def test_a_verb_that_is_not_possible_says_why(served: dict[str, Any], tmp_path: Path) -> None:
    async with console(served, tmp_path) as pilot:
        await pilot.press("f", *"web-05", "enter", "home", "enter")
        await settled(pilot)
        shown = " ".join(screen_text(pilot).split())
        assert "It has failed over: commit or change the point." in shown


@driven
async def test_verbs_are_found_by_their_names_those_that_are_not_possible_too(
    served: dict[str, Any], tmp_path: Path
) -> None:
    async with console(served, tmp_path) as pilot:
        await pilot.press("f", *"web-05", "enter", "home", "enter")
        await settled(pilot)
        await pilot.press("slash", *"commit")
        await settled(pilot)
        assert "> Commit: Every recovery point is deleted" in screen_text(pilot)
        await pilot.press(*["backspace"] * 6, *"fail over")
        await settled(pilot)
        shown = " ".join(screen_text(pilot).split())
        assert "not now: It has failed over: commit or change the point." in shown


@driven
async def test_settings_are_asked_planned_confirmed_and_changed(
    served: dict[str, Any], tmp_path: Path
) -> None:
    async with console(served, tmp_path) as pilot:
        await pilot.press("f", *"web-02", "enter", "home", "enter")
        await settled(pilot)
        await pilot.press("t")
        await until(pilot, lambda: "Azure VM name" in screen_text(pilot))
        await settled(pilot)
        await pilot.press("end", *"-az")
        await settled(pilot)
        errand = page(pilot)
        assert isinstance(errand, ErrandPage)
        await pilot.press("escape")
        while getattr(getattr(shell(pilot).focused, "button", None), "name", "") != "plan":
            await pilot.press("tab")
        await pilot.press("enter")
        await until(pilot, lambda: "web-02 -> web-02-az" in " ".join(screen_text(pilot).split()))
        assert shell(pilot).focused.button.name == "back"  # type: ignore[union-attr]
        await pilot.press("right", "enter")
        await until(pilot, lambda: "The settings are changed." in screen_text(pilot))


@driven
async def test_a_read_only_console_changes_nothing(served: dict[str, Any], tmp_path: Path) -> None:
    async with console(served, tmp_path, read_only=True) as pilot:
        await pilot.press("f", *"web-03", "enter", "home", "enter")
        await settled(pilot)
        await pilot.press("t")
        await until(pilot, lambda: "Azure VM name" in screen_text(pilot))
        await pilot.press("end", *"-x", "escape")
        while getattr(getattr(shell(pilot).focused, "button", None), "name", "") != "plan":
            await pilot.press("tab")
        await pilot.press("enter")
        await until(pilot, lambda: "web-03-x" in screen_text(pilot))
        await pilot.press("right", "enter")
        await until(pilot, lambda: "was started read-only" in screen_text(pilot))


def _items(pilot: Driver) -> list[Any]:
    desk = shell(pilot).desk.console
    assert desk is not None
    assert desk.seen is not None
    return list(desk.seen.items.values())


def _named(pilot: Driver, title: str) -> str:
    return str(next(item.name for item in _items(pilot) if item.title == title))


@driven
async def test_a_drill_that_was_cut_off_is_gone_on_with_from_its_item(
    served: dict[str, Any], tmp_path: Path
) -> None:
    _begin_a_drill(served, tmp_path, "app-02")
    async with console(served, tmp_path) as pilot:
        assert "Begun and not over: drill of app-02" in " ".join(screen_text(pilot).split())
        await pilot.press("f", *"app-02", "enter", "home", "enter")
        await until(pilot, lambda: "d go on" in screen_text(pilot))
        await pilot.press("d")
        await until(pilot, lambda: "nothing is asked twice" in " ".join(screen_text(pilot).split()))
        await until(pilot, lambda: "[ Go on ]" in screen_text(pilot))
        await settled(pilot)
        while getattr(getattr(shell(pilot).focused, "button", None), "name", "") != "do":
            await pilot.press("tab")
            await settled(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "Evidence:" in screen_text(pilot), 60)
        assert "RTO" in screen_text(pilot)


def _begin_a_drill(described: dict[str, Any], state: Path, name: str) -> None:
    """A drill that was asked for by a program that was stopped before it ended."""
    from services.problems.model import DeadlineError
    from services.recovery import drill, drill_runs
    from services.scenario.existing_vault import open_vault
    from services.world.deadline import Deadline

    world = practice_world(described, state)
    journal = Journal.open(state, world.id, Actor.here())
    try:
        vault = open_vault(world, journal, None, Deadline(60), lambda _event: None)
        shown = drill.plan(vault, [vault.find(name)], drill.Options(cleanup=True))
        with pytest.raises(DeadlineError):
            drill_runs.hold(drill_runs.begin(vault, shown, Deadline(1.0)), shown)
    finally:
        journal.close()
