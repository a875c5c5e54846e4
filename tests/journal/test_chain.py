"""No entry of the log can be altered, added or taken away unnoticed."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.journal import chain
from services.journal.export import verify_export
from services.journal.journal import Journal
from services.problems.model import ProblemError
from tests.journal.conftest import ACTOR, WORLD

COUNT = 6
COLUMNS = {
    "at": st.text(),
    "kind": st.text(),
    "engagement": st.none() | st.integers(0, 2**40),
    "actor": st.text(),
    "data": st.text(),
    "hash": st.text(alphabet="0123456789abcdef", min_size=64, max_size=64),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    journal = Journal.open(folder / "state", WORLD, ACTOR)
    for number in range(COUNT):
        journal.event("turn", {"number": number, "text": "ä\x1b[31m"})
    journal.export(folder / "copy")
    journal.close()
    return folder / "copy"


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DROP TRIGGER IF EXISTS event_kept")
    connection.execute("DROP TRIGGER IF EXISTS event_fixed")
    return connection


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seq=st.integers(1, COUNT), data=st.data())
def test_any_altered_entry_is_named(whole: Path, tmp_path: Path, seq: int, data: st.DataObject) -> None:
    column = data.draw(st.sampled_from(sorted(COLUMNS)))
    value: Any = data.draw(COLUMNS[column])
    path = tmp_path / "altered"
    path.write_bytes(whole.read_bytes())
    connection = _open(path)
    before = connection.execute(f"SELECT {column} FROM event WHERE seq = ?", (seq,)).fetchone()[0]
    if value == before:
        value = None if column == "engagement" and before is not None else "0" * 64
    if column == "engagement" and value == "0" * 64:
        value = 1
    connection.execute(f"UPDATE event SET {column} = ? WHERE seq = ?", (value, seq))
    connection.close()
    assert verify_export(path).broken == seq


@pytest.mark.parametrize("seq", range(1, COUNT + 1))
def test_a_missing_entry_is_named(whole: Path, tmp_path: Path, seq: int) -> None:
    path = tmp_path / "short"
    path.write_bytes(whole.read_bytes())
    connection = _open(path)
    connection.execute("DELETE FROM event WHERE seq = ?", (seq,))
    connection.close()
    assert verify_export(path).broken == seq


def test_an_added_entry_is_named(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(whole.read_bytes())
    connection = _open(path)
    last = connection.execute("SELECT * FROM event ORDER BY seq DESC LIMIT 1").fetchone()
    connection.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", (COUNT + 1, *last[1:]))
    connection.close()
    assert verify_export(path).broken == COUNT + 1


def test_a_log_cannot_pass_for_another_worlds(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "renamed"
    path.write_bytes(whole.read_bytes())
    connection = _open(path)
    connection.execute("UPDATE meta SET value = 'AzureCloud/t/s' WHERE key = 'world'")
    connection.close()
    assert verify_export(path).broken == 1


def test_a_whole_export_says_what_it_holds(whole: Path) -> None:
    verified = verify_export(whole)
    assert (verified.world_id, verified.last, verified.broken) == (WORLD, COUNT, None)


def test_the_database_itself_keeps_events(journal: Journal) -> None:
    journal.event("x", {})
    for sql in ("DELETE FROM event", "UPDATE event SET kind = 'y'"):
        with pytest.raises(ProblemError):
            journal.write(lambda connection, sql=sql: (connection.execute(sql), None))  # type: ignore[misc]
    assert [event.kind for event in journal.events()] == ["x"]


def test_an_export_does_not_overwrite(journal: Journal, tmp_path: Path) -> None:
    target = tmp_path / "there"
    target.write_text("mine")
    with pytest.raises(ProblemError) as caught:
        journal.export(target)
    assert caught.value.problems[0].code == "file-exists"
    assert target.read_text() == "mine"


@pytest.mark.parametrize("place", ["/proc", "/nosuch"])
def test_a_copy_that_cannot_be_written_names_the_file_alone(journal: Journal, place: str) -> None:
    with pytest.raises(ProblemError) as caught:
        journal.export(Path(place) / "copy")
    said = caught.value.problems[0].sentence()
    assert said.startswith(f"{place}/copy: The copy cannot be written there.")
    assert "--state" not in said


def test_the_log_says_when_it_was_exported(journal: Journal, tmp_path: Path) -> None:
    journal.event("x", {})
    journal.export(tmp_path / "copy")
    event = journal.events()[-1]
    assert (event.kind, event.data["last"]) == ("journal-exported", 1)


def test_something_else_is_no_export(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("not a database at all, but long enough to have a header of its own" * 40)
    other = tmp_path / "other"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    codes = []
    for path in (text, other, tmp_path / "missing"):
        with pytest.raises(ProblemError) as caught:
            verify_export(path)
        codes.append(caught.value.problems[0].code)
        assert "journal export" in caught.value.problems[0].remedy
        assert "--state" not in caught.value.problems[0].sentence()
    assert codes == ["journal-damaged", "journal-foreign", "no-file"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(value=st.dictionaries(st.text(), JSON))
def test_one_value_has_one_text(value: dict[str, Any]) -> None:
    backwards = dict(reversed(list(value.items())))
    text = chain.canonical(value)
    assert text == chain.canonical(backwards)
    assert text.isascii()
    assert "\n" not in text
