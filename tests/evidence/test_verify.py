"""A folder is checked by itself: the first thing altered, added or missing is named."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.evidence import folder, log, manifest, model, report
from services.evidence.anchor import anchor_text
from services.evidence.manifest import Manifest
from services.evidence.signing import KeySigner
from services.evidence.verify import Verdict, verify
from services.journal import chain
from services.journal.journal import Journal
from services.problems.model import ProblemError, UsageError
from tests.evidence import samples

PROPERTY = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def where(verdict: Verdict) -> tuple[str, str, str]:
    assert verdict.wrong is not None
    return verdict.wrong.file, verdict.wrong.how, verdict.wrong.where


def lines(path: Path) -> list[bytes]:
    return (path / "events.jsonl").read_bytes().splitlines(keepends=True)


def rewrite(path: Path, events: list[bytes]) -> None:
    (path / "events.jsonl").write_bytes(b"".join(events))


def test_what_was_written_is_unaltered(written: Path, signed: Path, signer: KeySigner) -> None:
    assert verify(written).unaltered
    assert verify(written).signed.state == "not-signed"
    verdict = verify(signed)
    assert verdict.unaltered
    assert (verdict.signed.state, verdict.signed.key) == ("not-checkable", signer.fingerprint)
    assert verdict.reports


@PROPERTY
@given(data=st.data())
def test_every_single_byte_change_is_found(data: st.DataObject, written: Path, signed: Path) -> None:
    path = data.draw(st.sampled_from(sorted([*written.iterdir(), *signed.iterdir()])))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255))
    spoiled = data.draw(
        st.sampled_from(
            [
                whole[:at] + bytes([byte]) + whole[at + 1 :],
                whole[:at] + bytes([byte]) + whole[at:],
                whole[:at] + whole[at + 1 :],
                whole + bytes([byte]),
            ]
        )
    )
    path.write_bytes(spoiled)
    try:
        verdict = verify(path.parent)
        assert verdict.unaltered == (spoiled == whole)
        assert verdict.wrong is None or verdict.wrong.file == path.name
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize("name", ["record.json", "events.jsonl", "report.html", "report.md", "manifest.json"])
def test_missing_file_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    assert where(verify(copied)) == (name, "missing", "")


def test_signature_that_was_taken_away_is_missed(signed: Path) -> None:
    (signed / "manifest.json.sig").unlink()
    assert where(verify(signed)) == ("manifest.json.sig", "missing", "")


@pytest.mark.parametrize("name", ["notes.txt", ".hidden", "record.json.bak"])
def test_added_file_is_named(copied: Path, name: str) -> None:
    (copied / name).write_text("x")
    assert where(verify(copied)) == (name, "added", "")


def test_link_in_the_place_of_a_file_is_no_file(copied: Path, tmp_path: Path) -> None:
    (copied / "report.md").rename(tmp_path / "elsewhere.md")
    (copied / "report.md").symlink_to(tmp_path / "elsewhere.md")
    assert where(verify(copied)) == ("report.md", "missing", "")


def test_altered_event_is_named_by_its_number(copied: Path) -> None:
    events = lines(copied)
    event = json.loads(events[3])
    event["data"] = {"number": 99}
    events[3] = (chain.canonical(event) + "\n").encode()
    rewrite(copied, events)
    assert where(verify(copied)) == ("events.jsonl", "altered", str(event["seq"]))


@pytest.mark.parametrize(
    ("change", "offset", "how"),
    [
        (lambda events: [*events[:2], *events[3:]], 2, "missing"),
        (lambda events: events[1:], 0, "missing"),
        (lambda events: events[:-1], -1, "missing"),
        (lambda events: [*events[:3], events[2], *events[3:]], 3, "added"),
        (lambda events: [*events, events[-1]], None, "added"),
        (lambda events: [events[1], events[0], *events[2:]], 0, "event-"),
    ],
)
def test_events_taken_away_and_added_are_named(copied: Path, change, offset, how) -> None:  # type: ignore[no-untyped-def]
    events = lines(copied)
    numbers = [json.loads(line)["seq"] for line in events]
    wanted = numbers[-1] + 1 if offset is None else numbers[offset]
    rewrite(copied, change(events))
    verdict = verify(copied)
    assert where(verdict)[::2] == ("events.jsonl", str(wanted))
    assert verdict.wrong is not None
    assert how in verdict.wrong.why


@pytest.mark.parametrize(
    ("part", "value", "path"),
    [
        (("measures", "rto", "total"), 1.0, "measures.rto.total"),
        (("timeline", 2, "at"), "2026-11-21T12:02:00+00:00", "timeline.2"),
        (("cleanup", "leftovers"), ["vm-1"], "cleanup.leftovers"),
        (("identity", "extra"), "x", "identity.extra"),
    ],
)
def test_altered_record_is_named_by_its_path(
    copied: Path, part: tuple[str | int, ...], value: object, path: str
) -> None:
    document = json.loads((copied / "record.json").read_bytes())
    inner = document
    for key in part[:-1]:
        inner = inner[key]
    inner[part[-1]] = value
    (copied / "record.json").write_text(chain.canonical(document) + "\n")
    found = where(verify(copied))
    assert found[:2] == ("record.json", "altered")
    assert found[2] in (path, path + ".0")


def forge(path: Path, document: object | None = None, page: bytes | None = None) -> None:
    """Alter files and make the manifest fit again, as somebody would who knows the format."""
    old = manifest.read((path / "manifest.json").read_bytes())
    if document is not None:
        (path / "record.json").write_text(chain.canonical(document) + "\n")
    if page is not None:
        (path / "report.html").write_bytes(page)
    document = json.loads((path / "record.json").read_bytes())
    contents = {name: (path / name).read_bytes() for name in old.files}
    new = Manifest(
        old.world, old.version, old.maker, chain.digest(document), old.log, manifest.described(contents),
        manifest.parts_of(document), old.signer,
    )  # fmt: skip
    (path / "manifest.json").write_bytes(new.content())


def test_forged_record_does_not_fit_the_log(copied: Path) -> None:
    document = json.loads((copied / "record.json").read_bytes())
    document["measures"]["rto"]["total"] = 1.0
    forge(copied, document)
    verdict = verify(copied)
    assert where(verdict) == ("record.json", "altered", "")
    assert verdict.wrong is not None
    assert verdict.wrong.why == "not-in-log"


def test_forged_page_does_not_follow_from_the_record(copied: Path) -> None:
    page = (copied / "report.html").read_bytes().replace(b"15 min", b"05 min")
    forge(copied, page=page)
    assert where(verify(copied)) == ("report.html", "altered", "")


def test_forged_manifest_does_not_carry_the_signature(signed: Path) -> None:
    page = (signed / "report.html").read_bytes().replace(b"15 min", b"05 min")
    forge(signed, page=page)
    verdict = verify(signed)
    assert where(verdict) == ("manifest.json.sig", "altered", "")
    assert verdict.signed.state == "altered"


def test_signature_made_afterwards_must_be_of_this_manifest(written: Path, signer: KeySigner) -> None:
    text = signer.sign(b"another manifest", folder.NAMESPACE)
    (written / "manifest.json.sig").write_text(text)
    assert where(verify(written)) == ("manifest.json.sig", "altered", "")


@pytest.mark.parametrize("change", ["version", "world"])
def test_manifest_and_record_name_one_version_and_world(copied: Path, change: str) -> None:
    old = manifest.read((copied / "manifest.json").read_bytes())
    world, version = ("another", old.version) if change == "world" else (old.world, "another")
    (copied / "manifest.json").write_bytes(replace(old, world=world, version=version).content())
    assert where(verify(copied)) == ("manifest.json", "altered", "")


def test_event_that_links_on_behind_the_end_is_named(copied: Path) -> None:
    events = lines(copied)
    last = json.loads(events[-1])
    entry = (last["seq"] + 1, last["at"], "note", last["engagement"], "{}", "{}")
    more = {"actor": {}, "at": last["at"], "data": {}, "engagement": last["engagement"], "kind": "note"}
    more |= {"seq": entry[0], "hash": chain.link(last["hash"], entry)}
    rewrite(copied, [*events, (chain.canonical(more) + "\n").encode()])
    verdict = verify(copied)
    assert where(verdict) == ("events.jsonl", "altered", str(entry[0]))
    assert verdict.wrong is not None
    assert "added" in verdict.wrong.why


@pytest.mark.parametrize(
    "change",
    [
        {"log": {"first": "1", "last": 2, "previous": "", "head": ""}},
        {"log": {"first": 1, "last": True, "previous": "", "head": ""}},
        {"log": []},
        {"files": {"record.json": [1, "2"]}},
        {"files": {"record.json": []}},
        {"parts": []},
        {"parts": {"identity": 1}},
        {"world": None},
        {"surprise": 1},
    ],
)
def test_manifest_of_a_foreign_shape_is_named(copied: Path, change: dict[str, object]) -> None:
    body = json.loads((copied / "manifest.json").read_bytes()) | change
    del body["self"]
    (copied / "manifest.json").write_text(chain.canonical(body | {"self": chain.digest(body)}) + "\n")
    assert where(verify(copied)) == ("manifest.json", "altered", "")


@pytest.mark.parametrize("name", ["manifest.json", "manifest.json.sig"])
def test_same_content_in_other_bytes_is_found(signed: Path, name: str) -> None:
    whole = (signed / name).read_bytes()
    wider = (
        json.dumps(json.loads(whole)).encode() if name == "manifest.json" else whole[:40] + b"\n" + whole[40:]
    )
    for spoiled in (wider, whole + b"\n", whole.replace(b"\n", b"\r\n"), whole.rstrip()):
        (signed / name).write_bytes(spoiled)
        assert where(verify(signed)) == (name, "altered", "")


def test_signer_is_valid_until_the_moment_and_not_at_it(
    signed: Path, signer: KeySigner, tmp_path: Path
) -> None:
    signers = allowed(tmp_path, signer, 'valid-before="20261121120000Z"')
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    states = [verify(signed, signers, when).signed.state for when in (at - timedelta(seconds=1), at)]
    assert states == ["signed", "refused"]


def test_log_of_another_world_is_not_taken(journal: Journal, tmp_path: Path) -> None:
    begun = journal.engagement(samples.RUN, "recovery")
    path = folder.write(journal, begun.id, samples.record(), tmp_path / "evidence")
    assert verify(path).first == 1
    old = manifest.read((path / "manifest.json").read_bytes())
    document = json.loads((path / "record.json").read_bytes())
    document["identity"]["world"] = "live"
    (path / "record.json").write_text(chain.canonical(document) + "\n")
    contents = {name: (path / name).read_bytes() for name in old.files}
    new = Manifest(
        "live", old.version, old.maker, chain.digest(document), old.log, manifest.described(contents),
        manifest.parts_of(document),
    )  # fmt: skip
    (path / "manifest.json").write_bytes(new.content())
    assert where(verify(path)) == ("events.jsonl", "altered", "1")


def test_reports_of_another_maker_are_not_called_altered(
    journal: Journal, run: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(report, "maker", lambda: "an older one")
        older.setattr(report, "as_html", lambda _record: "the page as it was made then")
        path = folder.write(journal, run, samples.record(), tmp_path / "evidence")
    verdict = verify(path)
    assert verdict.unaltered
    assert not verdict.reports


def test_record_of_a_newer_layout_is_not_called_altered(journal: Journal, run: int, tmp_path: Path) -> None:
    path = folder.write(journal, run, samples.record(), tmp_path / "evidence")
    document = json.loads((path / "record.json").read_bytes()) | {"weather": "calm"}
    journal.event("evidence", {"record": chain.digest(document)}, run)
    content, part = log.written(journal, run)
    (path / "events.jsonl").write_bytes(content)
    made = manifest.read((path / "manifest.json").read_bytes())
    (path / "manifest.json").write_bytes(replace(made, log=part).content())
    forge(path, document)
    verdict = verify(path)
    assert verdict.unaltered
    assert verdict.unread == "weather: unknown"


def test_maker_is_another_when_what_it_is_made_of_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = report.maker.__wrapped__()
    assert report.maker.__wrapped__() == before
    monkeypatch.setattr(report, "NAMES", report.NAMES[:-1])
    assert report.maker.__wrapped__() != before


def anchors_of(journal: Journal, run: int, parent: Path, text: str) -> Path:
    record = samples.record()
    record.anchors = [
        model.Anchor("cleanup", "job-2", text), model.Anchor("resume", "job-9", "said by a person")
    ]  # fmt: skip
    return folder.write(journal, run, record, parent)


def test_anchor_is_told_with_its_job(journal: Journal, run: int, tmp_path: Path) -> None:
    text = "drill over; " + anchor_text(journal)
    seq, head = journal.moved, journal.events()[-1].hash
    path = anchors_of(journal, run, tmp_path / "evidence", text)
    verdict = verify(path)
    assert verdict.unaltered
    assert [(one.job_id, one.seq, one.hash) for one in verdict.anchors] == [("job-2", seq, head)]


def test_anchor_that_the_log_does_not_have_is_named(journal: Journal, run: int, tmp_path: Path) -> None:
    text = f"lifeboat-chain:{journal.moved}:{'0' * 64}"
    path = anchors_of(journal, run, tmp_path / "evidence", text)
    assert where(verify(path)) == ("record.json", "altered", "anchors.0")


def test_nothing_to_check_is_said(tmp_path: Path) -> None:
    with pytest.raises(ProblemError):
        verify(tmp_path / "absent")
    with pytest.raises(UsageError):
        verify(tmp_path)


def allowed(tmp_path: Path, signer: KeySigner, options: str = "") -> Path:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
    text = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    path = tmp_path / "allowed_signers"
    path.write_text(f"# ours\nann@contoso.example {options} {text} a comment\n")
    return path


@pytest.mark.parametrize(
    ("options", "state"),
    [
        ("", "signed"),
        ('namespaces="lifeboat-*,git"', "signed"),
        ('namespaces="git"', "refused"),
        ('valid-before="20260101Z"', "refused"),
        ('valid-after="20270101",namespaces="lifeboat-evidence"', "refused"),
        ("cert-authority", "refused"),
    ],
)
def test_who_signed_is_told_apart(
    signed: Path, signer: KeySigner, tmp_path: Path, options: str, state: str
) -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    verdict = verify(signed, allowed(tmp_path, signer, options), at)
    assert verdict.unaltered
    assert verdict.signed.state == state
    assert verdict.signed.principals == ("ann@contoso.example" if state == "signed" else "")


def test_signature_made_afterwards_counts(
    journal: Journal, written: Path, signer: KeySigner, tmp_path: Path
) -> None:
    text = signer.sign((written / "manifest.json").read_bytes(), folder.NAMESPACE)
    (written / "manifest.json.sig").write_text(text)
    assert verify(written, allowed(tmp_path, signer)).signed.state == "signed"


@pytest.mark.parametrize("line", ["ann@x ssh-ed25519 AAA", "ann@x unknown-option ssh-ed25519 AAAA", "alone"])
def test_file_of_signers_that_cannot_be_read_is_refused(signed: Path, tmp_path: Path, line: str) -> None:
    path = tmp_path / "allowed_signers"
    path.write_text("# fine\n" + line + "\n")
    with pytest.raises(UsageError, match="line 2"):
        verify(signed, path)


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=400))
def test_foreign_bytes_never_break_the_check(content: bytes) -> None:
    part = log.Part(1, 2, "a", "b")
    assert log.walk(content, part).broken is not None
    assert _no_manifest(content)


def _no_manifest(content: bytes) -> bool:
    try:
        manifest.read(content)
    except ValueError:
        return True
    return False


def test_copy_is_as_good(written: Path, tmp_path: Path) -> None:
    assert verify(Path(shutil.copytree(written, tmp_path / "usb" / "any name"))).unaltered
