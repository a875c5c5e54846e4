"""Rows of items and jobs fit the terminal; what is piped is one line a row, whatever its length."""

from __future__ import annotations

import os

import pytest

from services.azure.jobs import parse_job
from tests.terminal.test_item_lines import NOW, item
from tui.cli import items
from tui.cli.fit import fitted
from tui.cli.items import item_line
from tui.cli.jobs import job_line

MIDDLE = "  protected  normal  "
VERBS = "drill failover change-point planned-failover disable"


def test_what_fits_or_is_piped_is_one_line() -> None:
    assert fitted("app-01", MIDDLE, VERBS, None) == f"app-01{MIDDLE}{VERBS}"
    assert fitted("app-01", MIDDLE, "drill", 40) == f"app-01{MIDDLE}drill"


@pytest.mark.parametrize("width", [40, 60, 79])
def test_what_does_not_fit_goes_on_below_whole(width: int) -> None:
    told = fitted("app-01", MIDDLE, VERBS, width).splitlines()
    assert max(map(len, told)) <= width
    assert told[0] == f"app-01{MIDDLE}".rstrip() or width == 79
    assert " ".join(" ".join(told).split()) == " ".join(f"app-01{MIDDLE}{VERBS}".split())


def test_a_name_that_does_not_fit_is_cut_with_a_mark() -> None:
    first, *_rest = fitted("n" * 80, MIDDLE, VERBS, 60).splitlines()
    assert len(first) <= 60
    assert first.startswith("n" * 20)
    assert f"n...{MIDDLE.rstrip()}" in first


def test_an_item_fits_80_columns_where_stdout_is_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    piped = item_line(item(43), NOW)
    assert len(piped.splitlines()) == 1
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((80, 24)))
    shown = item_line(item(43), NOW)
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.split() == piped.split()
    assert max(map(len, items._row("name", "state", "health", "RPO", "last drill", VERBS).splitlines())) <= 80


def test_a_job_fits_80_columns_where_stdout_is_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "6a1b6a5e-8f3e-4a70-9d9c-9f0b8d1e2c3d"
    about = {"startTime": "2026-11-21T12:00:00Z", "friendlyName": "Cleanup test failover", "state": "Failed"}
    job = parse_job({"name": name, "properties": {**about, "targetObjectName": "app-01"}})
    piped = job_line(job)
    assert len(piped.splitlines()) == 1
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((80, 24)))
    shown = job_line(job)
    assert max(map(len, shown.splitlines())) <= 80 < len(piped)
    assert shown.split() == piped.split()
