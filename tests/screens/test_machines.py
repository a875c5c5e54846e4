"""The list of machines on its step."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.screens.driving import enter_step, field, lines, press, running, screen_text
from tests.screens.test_step import stored

ONE = {"name": "app-01", "address": "10.1.0.11", "os": "Linux"}


def test_a_machine_is_typed_on_a_line_edited_and_removed(tmp_path: Path) -> None:
    async def walk() -> None:
        async with running(tmp_path) as pilot:
            await enter_step(pilot, "machines")
            await press(pilot, "a", *"app-01, 10.1.0.11, Linux", "enter")
            assert stored(pilot, "machines.machines") == ([ONE], True)
            assert "app-01         10.1.0.11       Linux" in screen_text(pilot)
            await press(pilot, "enter", "end", *", admin", "enter")
            assert stored(pilot, "machines.machines") == ([{**ONE, "user": "admin"}], True)
            await press(pilot, "enter", *"zzz", "escape")
            assert stored(pilot, "machines.machines") == ([{**ONE, "user": "admin"}], True)
            await press(pilot, "x")
            assert stored(pilot, "machines.machines") == ([], False)

    asyncio.run(walk())


def test_a_password_in_the_place_of_its_source_is_dropped(tmp_path: Path) -> None:
    async def walk() -> None:
        async with running(tmp_path) as pilot:
            await enter_step(pilot, "machines")
            await press(pilot, "a", *"app-01, 10.1.0.11, Linux, root, hunter2", "enter")
            assert stored(pilot, "machines.machines") == ([{**ONE, "user": "root", "secret": "prompt"}], True)

    asyncio.run(walk())


def test_machines_come_from_an_inventory_and_from_a_file(tmp_path: Path) -> None:
    listed = tmp_path / "machines.csv"
    listed.write_text("name,address,os\ndb-01,10.1.0.21,Linux\n", encoding="utf-8")
    broken = tmp_path / "broken.csv"
    broken.write_text("name,address,os\ndb-02\n", encoding="utf-8")

    async def walk() -> None:
        async with running(tmp_path) as pilot:
            await enter_step(pilot, "machines")
            await press(pilot, "i")
            assert "app-02" in screen_text(pilot)
            await press(pilot, "tab", "enter")
            await press(pilot, "i", "shift+tab", *str(broken), "enter")
            assert "line 2: has 1 values, the header has 3" in screen_text(pilot)
            await press(pilot, "ctrl+u", *str(listed), "enter")
            two = {"name": "app-02", "address": "10.1.0.12", "os": "Linux"}
            three = {"name": "db-01", "address": "10.1.0.21", "os": "Linux"}
            assert stored(pilot, "machines.machines") == ([two, three], True)
            assert "x remove" in lines(pilot)[-1]
            assert len(field(pilot, "machines").value) == 2

    asyncio.run(walk())
