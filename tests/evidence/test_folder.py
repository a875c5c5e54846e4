"""What a run leaves: whole, private, once, in the right words."""

from __future__ import annotations

import html.parser
import json
import os
import stat
from pathlib import Path

import pytest

from services.evidence import folder, model
from services.evidence.reading import record_from
from services.evidence.report import as_html, as_markdown
from services.evidence.signing import KeySigner
from services.evidence.verify import verify
from services.journal.journal import Actor, Journal
from services.problems.model import ProblemError, RefusedError
from services.text import use_language
from tests.evidence import samples

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e|`*"


def test_files_are_private(signed: Path) -> None:
    assert stat.S_IMODE(signed.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in signed.iterdir()}
    assert set(modes) == {
        "record.json", "events.jsonl", "report.html", "report.md", "manifest.json", "manifest.json.sig"
    }  # fmt: skip
    assert set(modes.values()) == {0o600}


def test_log_begins_with_the_run_and_ends_with_the_record(written: Path, run: int) -> None:
    events = [json.loads(line) for line in (written / "events.jsonl").read_text().splitlines()]
    assert events[0]["kind"] == "engagement"
    assert {event["engagement"] for event in events} == {run}
    assert (events[-1]["kind"], events[-1]["data"]["folder"]) == ("evidence", written.name)


def test_same_record_is_written_once(journal: Journal, run: int, written: Path) -> None:
    moved = journal.moved
    assert folder.write(journal, run, samples.record(), written.parent) == written
    assert journal.moved == moved


def test_a_record_that_grew_has_a_folder_of_its_own(journal: Journal, run: int, written: Path) -> None:
    more = samples.record()
    more.notes.append("cleaned up")
    second = folder.write(journal, run, more, written.parent)
    assert second != written
    assert verify(second).unaltered
    assert verify(written).unaltered


def test_dying_while_writing_leaves_no_half_folder(
    journal: Journal, run: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "rename", full)
        with pytest.raises(ProblemError, match="No space left"):
            folder.write(journal, run, samples.record(), tmp_path / "evidence")
    assert [path.name[0] for path in (tmp_path / "evidence").iterdir()] == ["."]
    path = folder.write(journal, run, samples.record(), tmp_path / "evidence")
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert [event.kind for event in journal.events()].count("evidence") == 1
    assert verify(path).unaltered


def test_read_only_journal_is_refused(journal: Journal, run: int, tmp_path: Path) -> None:
    reader = Journal.open(journal.path.parent, "practice", Actor(), read_only=True)
    with pytest.raises(RefusedError):
        folder.write(reader, run, samples.record(), tmp_path / "evidence")
    reader.close()


def test_name_holds_nothing_foreign(journal: Journal, run: int, tmp_path: Path) -> None:
    path = folder.write(journal, run, samples.record(target="../../etc/\x1bpasswd"), tmp_path / "evidence")
    assert path.parent == tmp_path / "evidence"
    assert path.name.startswith("drill_etc-passwd_2026-11-21T12-00-00_")


def test_title_says_practice_by_the_journals_world(journal: Journal, run: int, tmp_path: Path) -> None:
    path = folder.write(journal, run, samples.record(world="live"), tmp_path / "evidence")
    assert "<title>PRACTICE: Drill of app-01</title>" in (path / "report.html").read_text()
    assert (path / "report.md").read_text().startswith("# PRACTICE: Drill of app-01\n")


def test_live_title_has_no_such_word() -> None:
    record = samples.record(world="live")
    assert "PRACTICE" not in as_html(record) + as_markdown(record)


def test_json_comes_back_as_the_record() -> None:
    record = samples.record()
    assert record_from(json.loads(json.dumps(record.as_json()))) == record


def test_empty_record_can_be_shown() -> None:
    assert "Nobody attested yet." in as_html(model.Record())
    assert "Nobody attested yet." in as_markdown(model.Record())


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"surprise": 1}, "surprise"),
        ({"identity": {"vault": 7}}, "identity.vault"),
        ({"timeline": [{"at": "x", "event": "y"}, {"at": "x"}]}, "timeline.1"),
        ({"measures": {"rto": {"total": True}}}, "measures.rto.total"),
        ({"format": 2}, "format"),
    ],
)
def test_foreign_shape_is_named_by_its_path(change: dict[str, object], path: str) -> None:
    with pytest.raises(ValueError, match=f"^{path}: "):
        record_from(change)


class Tags(html.parser.HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _value in attrs}


def hostile() -> model.Record:
    """A record with hostile text wherever text can stand."""

    def spoil(value: object) -> object:
        if isinstance(value, dict):
            return {key: spoil(part) for key, part in value.items()}
        if isinstance(value, list):
            return [spoil(part) for part in value]
        return HOSTILE if isinstance(value, str) else value

    document = spoil(samples.record().as_json())
    assert isinstance(document, dict)
    for number, moment in enumerate(document["timeline"]):
        moment["at"] = f"2026-11-21T12:0{number}:00+00:00"
    return record_from(document)


def test_hostile_text_is_escaped_on_the_page() -> None:
    page = as_html(hostile())
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.seen
    assert "href" not in tags.attributes
    assert "src" not in tags.attributes
    assert not {"\x1b", "\u202e"} & set(page)
    assert "&lt;script&gt;" in page


def test_hostile_text_is_only_text_in_markdown() -> None:
    text = as_markdown(hostile())
    assert not {"\x1b", "\u202e"} & set(text)
    assert "\\<script\\>" in text
    widths = {
        line.replace("\\|", "").count("|") for line in text.splitlines() if "app" in line and "|" in line
    }
    assert "<script>" not in text.replace("\\<", "")
    assert widths <= {0}


def test_reports_do_not_change_with_the_language() -> None:
    before = as_html(samples.record()), as_markdown(samples.record())
    use_language("sv")
    try:
        assert (as_html(samples.record()), as_markdown(samples.record())) == before
    finally:
        use_language("en")


def test_signature_that_cannot_be_made_leaves_nothing(journal: Journal, run: int, tmp_path: Path) -> None:
    from services.evidence.signing import AgentSigner

    os.environ.pop("SSH_AUTH_SOCK", None)
    gone = AgentSigner(KeySignerBlob.blob)
    with pytest.raises(ProblemError, match="agent"):
        folder.write(journal, run, samples.record(), tmp_path / "evidence", gone)
    assert not (tmp_path / "evidence").exists()


class KeySignerBlob:
    """The public half of some key that no agent holds."""

    blob = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20" + bytes(32)


def test_signer_is_named_in_the_manifest(signed: Path, signer: KeySigner) -> None:
    assert json.loads((signed / "manifest.json").read_bytes())["signer"] == signer.fingerprint
