"""The log: for its owner only, one harmless line a record, without secrets."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from services import logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("lifeboat", "azure")]
    before = [(logger, logger.handlers, logger.propagate, logger.level) for logger in loggers]
    yield
    for logger, handlers, propagate, level in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def test_secrets_and_escapes_do_not_reach_the_log(tmp_path: Path) -> None:
    logs.open_log(tmp_path)
    logs.hide(["marker-secret-1234"])
    logging.getLogger("azure.core").warning("sent marker-secret-1234 \x1b[31m to\nhost")
    text = (tmp_path / logs.FILE).read_text(encoding="utf-8")
    assert "marker-secret-1234" not in text
    assert "[hidden]" in text
    assert "\x1b" not in text
    assert len(text.splitlines()) == 1


def test_the_log_is_its_owners_and_is_turned_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "SIZE", 2000)
    logs.open_log(tmp_path)
    for number in range(200):
        logs.log().info("line %s", number)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 1 + logs.KEPT
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert all(path.stat().st_size <= 2000 for path in files)


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    logs.open_log(blocked / "below")
    logs.log().info("nobody hears it")
    assert blocked.read_text(encoding="utf-8") == ""
