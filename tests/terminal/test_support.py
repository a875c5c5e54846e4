"""The support bundle and the restored journal, as they are typed."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.journal.export import verify_export
from services.journal.journal import Actor, Journal
from services.logs import HIDDEN
from services.support import cleaned
from tui.main import lifeboat

MARKER = "marker-9f3b-of-a-secret"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiJtYXJrZXIifQ.c2lnbmF0dXJl"


@pytest.fixture(autouse=True)
def nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Doctor asks Azure and time servers; here both are closed ports of this host."""
    config = tmp_path / "config.toml"
    config.write_text('[network]\nproxy = "http://127.0.0.1:9"\ntime-servers = ["127.0.0.1"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LB_SECRET", MARKER)


def typed(state: Path, *arguments: str) -> Result:
    before = ("--state", str(state), "--config", str(state.parent / "config.toml"))
    return CliRunner().invoke(lifeboat, (*before, *arguments), prog_name="lifeboat")


def filled(state: Path, fact: str = "") -> None:
    """A state folder with a journal, a log and a crash report that let a secret slip."""
    live = state / "live"
    journal = Journal.open(live, "live", Actor.here())
    engagement = journal.engagement("first", "azure-stack-to-azure")
    journal.save_answers(engagement.id, {"sign-in.secret": ("env:LB_SECRET", True)})
    journal.save_facts(engagement.id, "sign-in", {"slip": fact})
    journal.close()
    (live / "lifeboat.log").write_text(f"said {MARKER}\nAuthorization: Bearer {TOKEN}\n")
    (live / "lifeboat.log.1").write_text(f"older {MARKER}\n")
    (state / "crash-20261120T100000.txt").write_text(f"in a frame: {MARKER}\n")


def test_the_bundle_holds_what_helps_and_no_secret(tmp_path: Path) -> None:
    filled(tmp_path / "state")
    said = typed(tmp_path / "state", "support", "bundle", "help.zip")
    assert said.exit_code == 0, said.output
    path = tmp_path / "help.zip"
    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as packed:
        held = {name: packed.read(name) for name in packed.namelist()}
        packed.extract("journal.sqlite", tmp_path / "out")
    assert set(held) == {
        "doctor.json",
        "versions.txt",
        "lifeboat.log",
        "lifeboat.log.1",
        "crash-20261120T100000.txt",
        "journal.sqlite",
    }
    assert not [name for name, body in held.items() if MARKER.encode() in body or TOKEN.encode() in body]
    assert held["lifeboat.log"].decode() == f"said {HIDDEN}\nAuthorization: Bearer {HIDDEN}\n"
    assert "python" in {row["name"] for row in json.loads(held["doctor.json"])["doctor"]}
    assert b"textual " in held["versions.txt"]
    assert verify_export(tmp_path / "out" / "journal.sqlite").broken is None


def test_a_journal_that_holds_a_secret_is_left_out_whole(tmp_path: Path) -> None:
    filled(tmp_path / "state", fact=MARKER)
    said = typed(tmp_path / "state", "support", "bundle", "help.zip")
    assert said.exit_code == 0, said.output
    assert "The journal was left out" in said.stderr
    assert "journal.sqlite" not in zipfile.ZipFile(tmp_path / "help.zip").namelist()


def test_a_bundle_needs_no_journal_and_overwrites_nothing(tmp_path: Path) -> None:
    assert typed(tmp_path / "state", "support", "bundle", "help.zip").exit_code == 0
    assert not (tmp_path / "state" / "live" / "journal.sqlite").exists()
    again = typed(tmp_path / "state", "support", "bundle", "help.zip")
    assert again.exit_code == 1
    assert "help.zip: There is a file of this name already." in again.stderr


@pytest.mark.parametrize("broken", ["newer", "damaged"])
def test_a_journal_that_cannot_be_read_is_left_out_and_said(tmp_path: Path, broken: str) -> None:
    filled(tmp_path / "state")
    path = tmp_path / "state" / "live" / "journal.sqlite"
    if broken == "newer":
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version = 999")
        connection.close()
    else:
        path.write_bytes(b"no journal any more" * 500)
    said = typed(tmp_path / "state", "support", "bundle", "help.zip")
    assert said.exit_code == 0, said.output
    assert "The journal was left out" in said.stderr
    assert str(path) in said.stderr
    names = zipfile.ZipFile(tmp_path / "help.zip").namelist()
    assert "lifeboat.log" in names
    assert "journal.sqlite" not in names


@pytest.mark.parametrize(
    "text",
    [
        "https://user:s3cret-word@proxy.example:8080",
        "https://a.blob.core.windows.net/c/b?sp=r&sig=s3cret-word&sv=2022",
        "client_secret=s3cret-word&scope=x",
        '"access_token=s3cret-word"',
    ],
)
def test_what_looks_like_a_secret_is_taken_out(text: str) -> None:
    assert "s3cret-word" not in cleaned(text, ())


def test_an_exported_journal_is_restored_on_a_new_host(tmp_path: Path) -> None:
    filled(tmp_path / "state")
    assert typed(tmp_path / "state", "journal", "export", "copy").exit_code == 0
    restored = typed(tmp_path / "new", "journal", "import", "copy")
    assert restored.exit_code == 0, restored.output
    assert "engagements: first" in restored.output
    listed = typed(tmp_path / "new", "engagements", "--json")
    assert json.loads(listed.output)["name"] == "first"
    again = typed(tmp_path / "new", "journal", "import", "copy")
    assert again.exit_code == 4
    refused = typed(tmp_path / "third", "--read-only", "journal", "import", "copy")
    assert refused.exit_code == 4
    assert not (tmp_path / "third").exists()
