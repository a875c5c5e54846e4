"""The page of findings on the practice machines: filled in place, fixed, taken back, exported."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from screens.book import Book
from services.journal.journal import Journal
from services.journal.model import Actor
from services.readiness.first_use import ACCEPTED
from services.readiness.fixes import engine, records
from services.readiness.fixes.model import Preview, UndoRecord
from services.readiness.model import Status
from services.scenario.azure_stack.machines import MACHINES
from services.scenario.azure_stack.readiness import READINESS
from services.scenario.azure_stack.server import SERVER
from services.scenario.azure_stack.signin_steps import SIGN_IN
from services.scenario.model import Scenario, Stage
from services.world.build import practice_world
from services.world.model import World
from tests.practice_world import running_world
from tests.screens.driving import (
    Driver,
    button,
    buttons,
    driven,
    enter_step,
    help_line,
    lines,
    page,
    press,
    screen_text,
    settled,
    shell,
    until,
)
from tui.options import LaunchOptions
from tui.shell import Shell

SCENARIO = Scenario(
    "machines",
    "Machines",
    "InMageAzureV2",
    "test",
    (Stage("prepare", "Prepare"), Stage("source", "Source")),
    (SIGN_IN, MACHINES, READINESS, SERVER),
)
LISTED = [
    {"name": "app-02", "address": "10.1.0.12", "os": "Linux"},
    {"name": "db-02", "address": "10.1.0.22", "os": "Linux"},
    {"name": "web-02", "address": "10.1.0.32", "os": "Windows"},
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("world"), speed=60.0) as described:
        yield practice_world(described, tmp_path_factory.mktemp("state"))


@asynccontextmanager
async def findings(state: Path, world: World) -> AsyncIterator[Driver]:
    """The program with its page of findings open, three machines listed, nothing looked at yet."""
    journal = Journal.open(state / "practice", world.id, Actor.here("op@contoso.example"))
    book = Book(world, journal, {SCENARIO.id: SCENARIO})
    app = Shell(LaunchOptions(open_book=lambda: book, state=state, practice=True))
    async with app.run_test(size=(80, 24)) as pilot:
        try:
            await until(pilot, lambda: app.desk.book is not None)
            await settled(pilot)
            await enter_step(pilot, "machines")
            walk = app.desk._walk
            assert walk is not None
            assert walk.save(MACHINES, {"machines": LISTED}) == {}
            app.desk._refresh()
            await settled(pilot)
            await enter_step_again(pilot)
            yield pilot
        finally:
            app.desk.stop()
            journal.close()


async def enter_step_again(pilot: Driver) -> None:
    page(pilot)._go("readiness")  # type: ignore[attr-defined]
    await until(pilot, lambda: getattr(shell(pilot).page, "step_id", "") == "readiness")
    await settled(pilot)
    await press(pilot, "escape", "f")


async def read_on(pilot: Driver) -> None:
    """Push the button that shows what comes next, until there is no more."""
    for _round in range(10):
        if "more" in buttons(pilot):
            await press(pilot, "enter")


def row(pilot: Driver, name: str) -> str:
    return next(line for line in lines(pilot) if line[2:].startswith(name + " "))


def mark(pilot: Driver, key: str) -> None:
    from screens.lines import Menu

    shell(pilot).query_one(Menu).mark(key)


@driven
async def test_a_machine_is_swept_fixed_and_put_back_by_letters(tmp_path: Path, world: World) -> None:
    async with findings(tmp_path, world) as pilot:
        desk = shell(pilot).desk
        await press(pilot, "c")
        assert page(pilot).heading.state == "5 rows: 1 ok, 3 failed, 1 unknown"
        assert "failed" in row(pilot, "app-02")
        mark(pilot, "app-02")
        await press(pilot, "enter")
        assert lines(pilot)[3].startswith("> sftp")
        count = len([one for one in desk.step("readiness").findings if one.target == "app-02"])
        assert page(pilot).heading.state.startswith(f"{count} findings: ")
        assert "f filter" in lines(pilot)[-1]
        page(pilot).states_shown = "waived"  # type: ignore[attr-defined]
        assert page(pilot).heading.state == "none"
        page(pilot).states_shown = ""  # type: ignore[attr-defined]
        await press(pilot, "x")
        shown = screen_text(pilot)
        assert "  +Subsystem sftp /usr/lib/openssh/sftp-server" in shown
        assert "Service: sshd reads its settings again; open sessions stay." in shown
        assert pilot.app.focused is button(pilot, "back")
        await press(pilot, "right", "enter")
        assert "ok       The SFTP subsystem is on" in screen_text(pilot)
        await press(pilot, "b")
        assert row(pilot, "sftp").split()[:3] == [">", "sftp", "ok"]
        assert "-- sftp --" in screen_text(pilot)
        assert "u undo" in lines(pilot)[-1]
        await press(pilot, "u", "u")
        assert help_line(pilot) == "Nothing is changed."
        await press(pilot, "right", "enter")
        assert "failed   The SFTP subsystem is off." in screen_text(pilot)
        kept = records.kept(desk.book.journal, 1) if desk.book else []
        assert [one.state for one in kept] == ["undone"]
        stored = {(one.target, one.id): one.status for one in desk.step("readiness").findings}
        assert stored["app-02", "sftp"] is Status.FAILED


@driven
async def test_a_change_longer_than_the_page_is_read_to_its_end_before_it_can_be_made(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = engine.preview_fix

    def long(*given: Any) -> Preview:
        preview = shown(*given)
        return replace(preview, lines=(*preview.lines, *(f"+line {number}" for number in range(1, 41))))

    monkeypatch.setattr("services.scenario.mending.preview_fix", long)
    async with findings(tmp_path, world) as pilot:
        await press(pilot, "c")
        mark(pilot, "app-02")
        await press(pilot, "enter", "x")
        assert "more lines below: PgDn" in screen_text(pilot)
        assert buttons(pilot) == ["back", "more"]
        assert pilot.app.focused is button(pilot, "back")
        await press(pilot, "right")
        await read_on(pilot)
        assert "+line 40" in screen_text(pilot)
        assert buttons(pilot) == ["back", "make"]
        assert pilot.app.focused is button(pilot, "back")


@driven
async def test_one_consent_for_a_kind_and_the_weakening_is_told(tmp_path: Path, world: World) -> None:
    async with findings(tmp_path, world) as pilot:
        await press(pilot, "c")
        mark(pilot, "db-02")
        await press(pilot, "enter")
        mark(pilot, "ssh-password")
        await press(pilot, "x")
        assert "Weakens: Anybody who knows a password can log in over SSH." in screen_text(pilot)
        await press(pilot, "right")
        await read_on(pilot)
        await press(pilot, "right")
        assert "It weakens the machine: Anybody who knows a password" in help_line(pilot)
        await press(pilot, "left", "enter")
        assert records.kept(_journal(pilot), 1) == []


@driven
async def test_one_machine_is_checked_again_and_states_are_filtered(tmp_path: Path, world: World) -> None:
    async with findings(tmp_path, world) as pilot:
        await press(pilot, "c")
        state = shell(pilot).desk.step("readiness")
        others = {one for one in state.findings if one.target != "web-02"}
        state.findings = [one for one in state.findings if one.target != "web-02" or one.id == "remote-uac"]
        mark(pilot, "web-02")
        await press(pilot, "r")
        again = {one for one in state.findings if one.target != "web-02"}
        assert {(one.target, one.id) for one in again} == {(one.target, one.id) for one in others}
        assert len([one for one in state.findings if one.target == "web-02"]) > 10
        seen = []
        for _turn in state.findings[:6]:
            await press(pilot, "f")
            seen.append(lines(pilot)[2].partition("(")[2].partition(")")[0])
        assert seen[:3] == ["not ok", "failed", "unknown"]
        assert "" in seen


@driven
async def test_findings_are_written_to_a_folder(tmp_path: Path, world: World) -> None:
    async with findings(tmp_path, world) as pilot:
        await press(pilot, "c")
        await press(pilot, "o")
        field = pilot.app.focused
        assert field is not None
        field.value = str(tmp_path / "out")  # type: ignore[attr-defined]
        await press(pilot, "enter")
        assert "Written:" in screen_text(pilot)
        written = json.loads((tmp_path / "out" / "findings.json").read_text())["findings"]
        assert len(written) == len(shell(pilot).desk.step("readiness").findings)
        assert (tmp_path / "out" / "findings.md").read_text().startswith("# PRACTICE")
        assert (tmp_path / "out" / "findings.csv").read_text().startswith("target,id,status")


@driven
async def test_after_a_restart_the_findings_and_a_fix_that_was_cut_off_are_there(
    tmp_path: Path, world: World
) -> None:
    async with findings(tmp_path, world) as pilot:
        await press(pilot, "c")
        assert "readiness" in shell(pilot).desk.steps
        record = UndoRecord("sftp", "file", "app-02", "Subsystem sftp", "/etc/ssh/sshd_config")
        records.begin(_journal(pilot), 1, record, "op")
    async with reopened(tmp_path, world) as pilot:
        assert "Cut off while it was made: app-02, sftp." in screen_text(pilot)
        assert "failed" in row(pilot, "app-02")
        await press(pilot, "u")
        assert "cut off" in row(pilot, "app-02")
        assert "n finish" in lines(pilot)[-1]
        await press(pilot, "n")
        assert "+Subsystem sftp" in screen_text(pilot)


@asynccontextmanager
async def reopened(state: Path, world: World) -> AsyncIterator[Driver]:
    journal = Journal.open(state / "practice", world.id, Actor.here("op@contoso.example"))
    book = Book(world, journal, {SCENARIO.id: SCENARIO})
    app = Shell(LaunchOptions(open_book=lambda: book, state=state, practice=True))
    async with app.run_test(size=(80, 24)) as pilot:
        try:
            await until(pilot, lambda: app.desk.book is not None)
            await settled(pilot)
            await press(pilot, "enter")
            await enter_step_again(pilot)
            yield pilot
        finally:
            app.desk.stop()
            journal.close()


def _journal(pilot: Driver) -> Journal:
    book = shell(pilot).desk.book
    assert book is not None
    return book.journal


@driven
async def test_keys_that_were_never_seen_are_one_list_and_one_question(tmp_path: Path, world: World) -> None:
    apart = replace(world, state=tmp_path / "apart")
    async with findings(tmp_path, apart) as pilot:
        desk = shell(pilot).desk
        assert desk.book is not None
        assert desk._walk is not None
        desk._walk.save(READINESS, {"host-keys": "ask"})
        await press(pilot, "c")
        assert "The machine shows a host key" in row(pilot, "db-02")
        await press(pilot, "h")
        await until(pilot, lambda: not desk.busy)
        await settled(pilot)
        shown = screen_text(pilot)
        assert shown.count("SHA256:") == 2
        assert "app-02" in shown
        assert "web-02" not in shown
        assert pilot.app.focused is button(pilot, "leave")
        await press(pilot, "right", "enter")
        await until(pilot, lambda: not desk.busy)
        await settled(pilot)
        assert "Every key is known now." in screen_text(pilot)
        said = [event.data for event in desk.book.journal.events() if event.kind == ACCEPTED]
        assert {each["host"] for each in said} == {"10.1.0.12", "10.1.0.22"}
        assert {each["by"] for each in said} == {apart.known["account"]}
        await press(pilot, "b")
        assert "The machine shows a host key" not in row(pilot, "db-02")
        assert "host keys" not in lines(pilot)[-1]
