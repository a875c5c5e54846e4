"""A few pages as pictures: those that show the product."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from tests.screens import small
from tests.screens.driving import enter_step, fill, press, settled, shell, until
from tui.options import LaunchOptions
from tui.shell import Shell

Compare = Callable[..., bool]


def program(state: Path, *, ascii_only: bool = False) -> Shell:
    small.hand = small.Hand()
    options = LaunchOptions(open_book=lambda: small.book(state / "practice"), state=state, practice=True)
    return Shell(options, ascii_only=ascii_only)


async def opened(pilot: Pilot[int]) -> None:
    await until(pilot, lambda: shell(pilot).desk.book is not None)
    await settled(pilot)


def test_welcome(snap_compare: Compare, tmp_path: Path) -> None:
    assert snap_compare(program(tmp_path), run_before=opened, terminal_size=(80, 24))


def test_plan(snap_compare: Compare, tmp_path: Path) -> None:
    async def walk(pilot: Pilot[int]) -> None:
        await opened(pilot)
        await enter_step(pilot, "policy")
        await fill(pilot, "name", "contoso-policy")
        await press(pilot, "escape", "c")

    assert snap_compare(program(tmp_path), run_before=walk, terminal_size=(80, 24))


def test_findings(snap_compare: Compare, tmp_path: Path) -> None:
    async def walk(pilot: Pilot[int]) -> None:
        await opened(pilot)
        await enter_step(pilot, "machines")
        await press(pilot, "a", *"app-01, 10.1.0.11, Linux", "enter")
        await press(pilot, "a", *"web-01, 8.8.8.8, Windows", "enter", "c", "f")

    assert snap_compare(program(tmp_path), run_before=walk, terminal_size=(80, 24))


def test_device_code_in_ascii(snap_compare: Compare, tmp_path: Path) -> None:
    async def walk(pilot: Pilot[int]) -> None:
        await opened(pilot)
        await enter_step(pilot, "sign-in")
        small.hand.hold.clear()
        await press(pilot, "down", "tab")
        await pilot.press("c")
        await until(pilot, lambda: shell(pilot).desk.step("sign-in").device_code is not None)
        await pilot.pause()
        await pilot.pause()

    assert snap_compare(program(tmp_path, ascii_only=True), run_before=walk, terminal_size=(80, 24))
