"""What doctor says of the folder that everything is kept in, and of the journal there."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from services import host
from services.journal.journal import Journal
from services.journal.model import Actor
from tui.cli import doctor
from tui.cli.doctor import rows
from tui.cli.globals import Globals

MIB = 1024 * 1024


def folder(root: Path) -> tuple[str, str]:
    """State and text of the one row; what asks the network comes after it."""
    row = next(row for row in rows(Globals(state=root)) if row["name"] == "state folder")
    return row["state"], row["value"]


def test_a_folder_that_is_still_to_be_made_is_looked_at_where_it_would_be(tmp_path: Path) -> None:
    assert folder(tmp_path / "new" / "one") == ("ok", str(tmp_path / "new" / "one"))
    (tmp_path / "taken").touch()
    assert folder(tmp_path / "taken" / "one")[0] == "failed"


@pytest.mark.parametrize(("free", "state"), [(100 * MIB, "ok"), (20 * MIB, "warning"), (10_240, "failed")])
def test_a_disk_without_room_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str
) -> None:
    monkeypatch.setattr("tui.cli.doctor.shutil.disk_usage", lambda _path: SimpleNamespace(free=free))
    found, said = folder(tmp_path)
    assert found == state
    assert ("KB are free" in said) == (state != "ok")


def test_a_network_file_system_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "network_file_system", lambda _path: "nfs4")
    assert folder(tmp_path) == ("failed", f"{tmp_path}: it is on a network file system (nfs4)")


def test_the_last_copy_and_who_writes_are_said_to_the_minute_with_the_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_services", lambda _world: ())
    monkeypatch.setattr(doctor, "_clock", lambda _world: {"name": "clock", "state": "ok"})
    journal = Journal.open(tmp_path / "live", "live", Actor())
    try:
        journal.export(tmp_path / "copy")
        said = {row["name"]: row["value"] for row in rows(Globals(state=tmp_path)) if "value" in row}
    finally:
        journal.close()
    minute = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
    assert re.fullmatch(minute, said["last copy"])
    assert re.search(f" {minute}$", said["held by"])
