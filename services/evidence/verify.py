"""Whether a folder of evidence is as it was written; needs no network and no journal."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.evidence import folder as names
from services.evidence import log, manifest, report
from services.evidence.anchor import anchored
from services.evidence.manifest import Manifest
from services.evidence.model import Record
from services.evidence.reading import record_from
from services.journal import chain
from services.problems.model import Problem, ProblemError, UsageError
from services.text import _

WRITTEN = (names.RECORD, names.EVENTS, names.HTML, names.MARKDOWN)


@dataclass(frozen=True)
class Wrong:
    """The first thing that is not as it was written.

    `how` is altered, added or missing. `where` is the number of an event in events.jsonl, a path in
    record.json, else empty. `why` is an id where more can be said (`event-missing`, `not-in-log`, ...).
    """

    file: str
    how: str
    where: str = ""
    why: str = ""


@dataclass(frozen=True)
class Signed:
    """`state`: signed (by one of the allowed signers), not-signed, not-checkable (a good signature of a key
    that nobody vouched for), refused (of a key that may not sign this), altered. `code` and `why` say more."""

    state: str
    principals: str = ""
    key: str = ""
    code: str = ""
    why: str = field(default="", compare=False)


@dataclass(frozen=True)
class Anchored:
    """A head of the chain that is recorded as written to the comments of an Azure job."""

    where: str
    job_id: str
    seq: int
    hash: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """Three answers, apart: unaltered, signed by whom, anchored where.

    `reports` says whether the reports were made again from the record and compared; those of another
    maker cannot be. `unread` is the path in the record that is not known here, as a newer version may
    write it; then its reports and anchors were not looked at.
    """

    wrong: Wrong | None
    signed: Signed
    anchors: tuple[Anchored, ...] = ()
    title: str = ""
    world: str = ""
    first: int = 0
    last: int = 0
    head: str = ""
    reports: bool = False
    unread: str = ""

    @property
    def unaltered(self) -> bool:
        return self.wrong is None


def verify(folder: Path, allowed_signers: Path | None = None, at: datetime | None = None) -> Verdict:
    """Check an exported folder. ProblemError when there is none; UsageError for the file of signers.

    `at` is the time at which a signer must be allowed: now, unless told.
    """
    contents, foreign = _read(folder)
    signed = _signed(contents, allowed_signers, at or datetime.now(UTC))
    try:
        found = manifest.read(contents[names.MANIFEST])
    except KeyError:
        return Verdict(Wrong(names.MANIFEST, "missing"), signed)
    except ValueError:
        return Verdict(Wrong(names.MANIFEST, "altered"), signed)
    wrong = _first_wrong(contents, foreign, found, signed)
    verdict = Verdict(wrong, signed, (), "", found.world, found.log.first, found.log.last, found.log.head)
    return verdict if wrong else _consistent(contents, found, verdict)


def _read(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """The files that we know, by name, and the names of everything else."""
    contents, foreign = {}, []
    try:
        for path in sorted(folder.iterdir()):
            known = path.name in (*WRITTEN, names.MANIFEST, names.SIGNATURE)
            if known and stat.S_ISREG(path.lstat().st_mode):
                contents[path.name] = path.read_bytes()
            else:
                foreign.append(path.name)
    except OSError as error:
        what = _("cannot be read: {why}").format(why=error.strerror or str(error))
        raise ProblemError(Problem("evidence-unreadable", str(folder), what)) from error
    if not contents:
        what = _("is no folder of evidence: it has no {name}.").format(name=names.MANIFEST)
        raise UsageError(Problem("no-evidence", str(folder), what))
    return contents, foreign


def _first_wrong(
    contents: Mapping[str, bytes], foreign: list[str], found: Manifest, signed: Signed
) -> Wrong | None:
    if signed.state == "altered":
        return Wrong(names.SIGNATURE, "altered", why=signed.code)
    if found.signer and found.signer != signed.key:
        return Wrong(names.SIGNATURE, "missing" if signed.state == "not-signed" else "altered")
    described = manifest.described(contents)
    for name in WRITTEN:
        if name in contents and name in found.files and described[name] == found.files[name]:
            continue
        if name not in contents:
            return Wrong(name, "missing")
        return Wrong(name, "altered", *_inside(name, contents[name], found))
    return Wrong(foreign[0], "added") if foreign else None


def _inside(name: str, content: bytes, found: Manifest) -> tuple[str, str]:
    """Where in a file the first change is, with what kind of change it is there."""
    if name == names.RECORD:
        return _inside_record(content, found)
    broken = log.walk(content, found.log).broken if name == names.EVENTS else None
    if broken is None:
        return "", ""
    how = {"altered": "", "added": "event-added", "missing": "event-missing"}
    return str(broken.seq), how[broken.how]


def _inside_record(content: bytes, found: Manifest) -> tuple[str, str]:
    try:
        parts = manifest.parts_of(json.loads(content))
    except (ValueError, RecursionError):
        return "", "no-json"
    for path in sorted({*parts, *found.parts}):
        if parts.get(path) != found.parts.get(path):
            gone, new = path not in parts, path not in found.parts
            return path, "part-missing" if gone else "part-added" if new else ""
    return "", "other-bytes"


def _consistent(contents: Mapping[str, bytes], found: Manifest, verdict: Verdict) -> Verdict:
    """The files are as the manifest says; now, does all follow from one record and one log?"""
    walked = log.walk(contents[names.EVENTS], found.log)
    if walked.broken:
        return _with(verdict, Wrong(names.EVENTS, walked.broken.how, str(walked.broken.seq)))
    if found.log.first == 1 and found.log.previous != chain.genesis(found.world):
        return _with(verdict, Wrong(names.EVENTS, "altered", "1", "other-world"))
    wrong = _wrong_record(contents[names.RECORD], found, walked)
    if wrong:
        return _with(verdict, wrong)
    try:
        record = record_from(json.loads(contents[names.RECORD]))
    except ValueError as error:
        return _with(verdict, None, unread=str(error))
    if (record.identity.world, record.version) != (found.world, found.version):
        return _with(verdict, Wrong(names.MANIFEST, "altered", why="other-record"))
    same = found.maker == report.maker()
    if same:
        for name, content in names.reports(record).items():
            if contents[name] != content:
                why = "does-not-follow"
                return _with(verdict, Wrong(name, "altered", why=why))
    anchors = tuple(_anchors(record))
    wrong = _wrong_anchor(anchors, walked)
    return _with(verdict, wrong, anchors=anchors, title=record.title, reports=same)


def _wrong_record(content: bytes, found: Manifest, walked: log.Checked) -> Wrong | None:
    try:
        document = json.loads(content)
        digest, parts = chain.digest(document), manifest.parts_of(document)
    except (ValueError, RecursionError):
        return Wrong(names.RECORD, "altered", why="no-json")
    if (digest, parts) != (found.record, found.parts):
        return Wrong(names.MANIFEST, "altered", why="other-record")
    if digest not in walked.records:
        return Wrong(names.RECORD, "altered", why="not-in-log")
    return None


def _anchors(record: Record) -> Iterator[Anchored]:
    for one in record.anchors:
        head = anchored(one.text)
        if head:
            yield Anchored(one.where, one.job_id, head.seq, head.hash, one.text)


def _wrong_anchor(anchors: tuple[Anchored, ...], walked: log.Checked) -> Wrong | None:
    for number, one in enumerate(anchors):
        if walked.hashes.get(one.seq) != one.hash:
            why = "no-such-head"
            return Wrong(names.RECORD, "altered", f"anchors.{number}", why)
    return None


def _signed(contents: Mapping[str, bytes], allowed_signers: Path | None, at: datetime) -> Signed:
    lines = None
    if allowed_signers is not None:
        from services.evidence import signers

        lines = signers.load(allowed_signers)
    text = contents.get(names.SIGNATURE)
    if text is None:
        return Signed("not-signed")
    from services.evidence import sshsig

    try:
        made = sshsig.verify(contents.get(names.MANIFEST, b""), text, names.NAMESPACE)
    except ProblemError as error:
        problem = error.problems[0]
        state = "refused" if problem.code == "signature-key" else "altered"
        return Signed(state, code=problem.code, why=problem.what)
    if lines is None:
        return Signed("not-checkable", key=made.fingerprint)
    try:
        line = signers.allowed(lines, made, names.NAMESPACE, at)
    except ProblemError as error:
        problem = error.problems[0]
        return Signed("refused", key=made.fingerprint, code=problem.code, why=problem.what)
    return Signed("signed", line.principals, made.fingerprint)


def _with(verdict: Verdict, wrong: Wrong | None, **more: Any) -> Verdict:
    return replace(verdict, wrong=wrong, **more)
