"""The folder that is left after a drill or a failover: the record, the log, the reports, the manifest."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from services import host
from services.evidence import log, report
from services.evidence.manifest import Manifest, described, parts_of
from services.evidence.model import Record
from services.evidence.signing import Signer
from services.journal import chain
from services.journal.base import Base
from services.problems.model import Problem, ProblemError
from services.text import _

RECORD, EVENTS, HTML, MARKDOWN = "record.json", "events.jsonl", "report.html", "report.md"
MANIFEST, SIGNATURE = "manifest.json", "manifest.json.sig"
NAMESPACE = "lifeboat-evidence"
"""The namespace of the manifest's signature: ssh-keygen -Y verify -n lifeboat-evidence."""
_FOREIGN = re.compile(r"[^A-Za-z0-9_-]+")


def write(
    journal: Base, engagement_id: int, record: Record, parent: Path, signer: Signer | None = None
) -> Path:
    """Write a folder of evidence below `parent` and return it; the log says so first.

    The record's world is the journal's. The same record is written once: a folder that stands is returned
    as it is. The folder appears whole or not at all. ProblemError when the disk or the signer does not
    allow it; RefusedError on a journal that is read-only.
    """
    identity = replace(record.identity, world=journal.world_id)
    record = replace(record, identity=identity, version=record.version or product_version())
    document = record.as_json()
    digest = chain.digest(document)
    target = parent / _name(record, digest)
    if target.exists():
        return target
    _note(journal, engagement_id, digest, target.name)
    events, part = log.written(journal, engagement_id)
    contents = {RECORD: (chain.canonical(document) + "\n").encode("ascii"), EVENTS: events, **reports(record)}
    manifest = Manifest(
        world=journal.world_id,
        version=record.version,
        maker=report.maker(),
        record=digest,
        log=part,
        files=described(contents),
        parts=parts_of(document),
        signer=signer.fingerprint if signer else "",
    )
    contents[MANIFEST] = manifest.content()
    if signer:
        contents[SIGNATURE] = signer.sign(contents[MANIFEST], NAMESPACE).encode("ascii")
    place(target, contents)
    return target


def reports(record: Record) -> dict[str, bytes]:
    """What follows from a record: the page and the Markdown text."""
    return {
        HTML: report.as_html(record).encode("utf-8"),
        MARKDOWN: report.as_markdown(record).encode("utf-8"),
    }


def place(target: Path, contents: Mapping[str, bytes]) -> None:
    """Write a folder whole, on the disk, under its name; nothing stands there before. ProblemError."""
    unfinished = target.with_name(f".{target.name}.part")
    try:
        host.private_folder(target.parent)
        shutil.rmtree(unfinished, ignore_errors=True)  # left by a process that died
        unfinished.mkdir(mode=0o700)
        for name, content in contents.items():
            _file(unfinished / name, content)
        host.sync_folder(unfinished)
        unfinished.rename(target)
        host.sync_folder(target.parent)
    except OSError as error:
        what = _("cannot be written: {why}").format(why=error.strerror or str(error))
        raise ProblemError(Problem("evidence-unwritable", str(target), what)) from error


def product_version() -> str:
    return metadata.version("lifeboat")


def _note(journal: Base, engagement_id: int, digest: str, name: str) -> None:
    """Chain the record to the log, once."""
    sql = "SELECT count(*) FROM event WHERE kind = 'evidence' AND engagement = ? AND instr(data, ?)"
    if not journal.read(sql, (engagement_id, digest))[0][0]:
        journal.event("evidence", {"record": digest, "folder": name}, engagement_id)


def _name(record: Record, digest: str) -> str:
    """Verb, target and start, with the digest that makes it one record's own."""
    parts = (record.identity.verb, record.identity.target[:60], record.identity.started[:19])
    words = [_FOREIGN.sub("-", part).strip("-") for part in parts]
    return "_".join([*(word for word in words if word), digest[:12]])


def _file(path: Path, content: bytes) -> None:
    with os.fdopen(host.private_file(path), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
