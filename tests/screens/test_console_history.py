"""The page of history: the marked run names its folder, and Enter shows what its report says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from screens.console.history_page import HistoryPage
from screens.reader import ReaderPage
from services.evidence.model import Record
from tests.practice_world import running_world
from tests.screens.consoles import console, settled
from tests.screens.driving import driven, help_line, page, screen_text, until

NAME = "drill_app-01_2026-11-21T10-00-00_0123456789ab"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path_factory.mktemp("history"), items=12, speed=600) as world:
        yield world


@driven
async def test_a_run_names_its_folder_and_opens_its_report(served: dict[str, Any], tmp_path: Path) -> None:
    made = Record()
    made.identity.verb, made.identity.target, made.identity.outcome = "drill", "app-01", "done"
    made.identity.started = "2026-11-21T10:00:00+00:00"
    folder = tmp_path / "practice" / "evidence" / NAME
    folder.mkdir(parents=True)
    (folder / "record.json").write_text(json.dumps(asdict(made)))
    (folder / "report.md").write_text("# Drill of app-01\n\n- Outcome: done\n")
    async with console(served, tmp_path) as pilot:
        await pilot.press("h")
        await until(
            pilot, lambda: isinstance(page(pilot), HistoryPage) and "drill app-01" in screen_text(pilot)
        )
        await settled(pilot)
        assert help_line(pilot).startswith(f"{NAME} is its folder of evidence")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(page(pilot), ReaderPage))
        await until(pilot, lambda: "- Outcome: done" in screen_text(pilot))
        assert any(line.endswith(NAME) for line in screen_text(pilot).splitlines())
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(page(pilot), HistoryPage) and "app-03" in screen_text(pilot))
        await settled(pilot)
        await pilot.press("end")
        await settled(pilot)
        assert NAME not in help_line(pilot)
