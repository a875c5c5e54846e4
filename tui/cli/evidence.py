"""`lifeboat evidence`: what drills and failovers left for the auditor, listed, carried out, checked."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from services.evidence import history
from services.evidence.collection import INDEX, add_to_index, is_collection, verify_all, verify_one
from services.evidence.export import export
from services.evidence.signing import Signer, signer
from services.evidence.verify import Verdict, Wrong
from services.problems.model import Problem, UsageError
from services.text import _, plain
from services.world.build import LIVE, PRACTICE
from tui.cli.globals import Globals, json_line

WHY = {
    "event-added": "this event was added",
    "event-missing": "this event is missing",
    "part-added": "this part was added",
    "part-missing": "this part is missing",
    "other-bytes": "it says the same in other bytes",
    "no-json": "it is no JSON any more",
    "other-world": "the log is of another world",
    "other-record": "it does not describe record.json",
    "other-folder": "it is not the folder that was exported",
    "does-not-follow": "it does not follow from record.json",
    "not-in-log": "the log does not know this record",
    "no-such-head": "the log has no event with the hash that this anchor names",
    "signature-bad": "it does not belong to manifest.json",
    "signature-malformed": "it is no signature of OpenSSH",
    "signature-namespace": "it was made for another purpose",
}
"""More about what is wrong, by id, in English."""


def kept_in(options: Globals) -> Path:
    """Where the folders of evidence of this world stand; asks no server."""
    return options.root / (PRACTICE if options.practice else LIVE) / "evidence"


def key_of(path: Path) -> Signer:
    """The key to sign with; its passphrase is asked for on the terminal."""
    return signer(path, lambda: asked_passphrase(path))


def asked_passphrase(path: Path) -> str:
    """The passphrase of a key file, asked for on the terminal."""
    return getpass.getpass(_("Passphrase of {path}: ").format(path=path))


def export_evidence(options: Globals, output: Path, run: str, key: Path | None) -> int:
    """Copy folders of evidence below `output`; exit 1 when one of them is altered."""
    sources = [path for path in history.folders(kept_in(options)) if not run or _is_of(path, run)]
    if not sources:
        what = _("There is no evidence of the run '{run}'.") if run else _("There is no evidence yet.")
        raise UsageError(Problem("no-evidence", str(kept_in(options)), what.format(run=run)))
    signs = key_of(key) if key else None
    code = 0
    copies = []
    for source in sources:
        target, verdict = export(source, output, signs)
        copies.append(target)
        click.echo(str(target))
        if not verdict.unaltered:
            code = 1
            click.echo(f"  {_unaltered(verdict)}", err=True)
    add_to_index(output, copies)
    return code


def verify_evidence(options: Globals, folder: Path, allowed_signers: Path | None, as_json: bool) -> int:
    """Check a folder, an export of several, or all that this program keeps, offline. A name is one of `evidence list`.

    Exit 1: altered, or signed by nobody who may where signers were named.
    """
    own = kept_in(options)
    if not folder.exists() and folder.name == str(folder) and (own / folder.name).is_dir():
        folder = own / folder.name
    if is_collection(folder):
        return _verify_all(folder, allowed_signers, as_json, indexed=folder.resolve() != own.resolve())
    verdict = verify_one(folder, allowed_signers)
    good = _good(verdict, allowed_signers)
    if as_json:
        json_line(_shown(str(folder), verdict, good))
    else:
        _tell(verdict)
    return 0 if good else 1


def _verify_all(output: Path, allowed_signers: Path | None, as_json: bool, *, indexed: bool) -> int:
    found = verify_all(output, allowed_signers, indexed=indexed)
    each = {name: _good(verdict, allowed_signers) for name, verdict in found.verdicts.items()}
    good = found.wrong is None and all(each.values())
    if as_json:
        shown = [_shown(name, verdict, each[name]) for name, verdict in found.verdicts.items()]
        wrong = asdict(found.wrong) if found.wrong else None
        whole = {"evidence": str(output), "unaltered": found.wrong is None, "good": good, "wrong": wrong}
        json_line(whole | {"folders": shown})
        return 0 if good else 1
    if found.wrong:
        click.echo(plain(_wrong(found.wrong), 1000))
        if found.wrong.file == INDEX and found.wrong.how == "missing":
            click.echo(_("An export of several records has an index. Each record here is checked by itself:"))
    else:
        said = _("unaltered: all {count} folders of the index")
        if not indexed:
            said = _(
                "unaltered: all {count} folders that are here; without an index a missing one is not seen"
            )
        click.echo(said.format(count=len(each)))
    for name, verdict in found.verdicts.items():
        click.echo(plain(f"{name}:", 300))
        _tell(verdict, "  ")
    return 0 if good else 1


def _good(verdict: Verdict, allowed_signers: Path | None) -> bool:
    """Whoever names signers wants one of them to have signed."""
    wanted = ("signed",) if allowed_signers else ("signed", "not-signed", "not-checkable")
    return verdict.unaltered and verdict.signed.state in wanted


def _tell(verdict: Verdict, indent: str = "") -> None:
    for line in (verdict.title, _unaltered(verdict), _signed(verdict), *_anchored(verdict)):
        if line:
            click.echo(indent + plain(line, 1000))


def _is_of(path: Path, run: str) -> bool:
    entry = history.entry(path)
    return run in (path.name, entry.record.identity.run if entry.record else "")


def _shown(name: str, verdict: Verdict, good: bool) -> dict[str, Any]:
    shown = asdict(verdict)
    del shown["signed"]["why"]  # a sentence, which the language changes
    kept = {key: shown[key] for key in ("wrong", "signed", "anchors", "title", "world", "reports", "unread")}
    log = {key: shown[key] for key in ("first", "last", "head")}
    return {"evidence": name, "unaltered": verdict.unaltered, "good": good, **kept, "log": log}


def _unaltered(verdict: Verdict) -> str:
    if verdict.wrong:
        return _wrong(verdict.wrong)
    shown = _("unaltered: events {first} to {last} of the log, head {head}").format(
        first=verdict.first, last=verdict.last, head=verdict.head
    )
    if verdict.unread:
        unread = _(
            "the layout of record.json is not known here ({path}), so reports and anchors were not checked"
        )
        return shown + "; " + unread.format(path=verdict.unread)
    if verdict.reports:
        return shown
    return shown + "; " + _("the reports were not made again from the record, as another version made them")


def _wrong(wrong: Wrong) -> str:
    where = f", {_place(wrong.file, wrong.where)}" if wrong.where else ""
    why = f": {_(WHY.get(wrong.why, wrong.why))}" if wrong.why else ""
    how = {"altered": _("altered"), "added": _("added"), "missing": _("missing")}[wrong.how]
    return f"{how}: {wrong.file}{where}{why}"


def _place(file: str, where: str) -> str:
    return _("event {number}").format(number=where) if file.endswith("events.jsonl") else where


def _signed(verdict: Verdict) -> str:
    signed = verdict.signed
    if signed.state == "signed":
        return _("signed by {who} with the key {key}").format(who=signed.principals, key=signed.key)
    if signed.state == "not-checkable":
        return _(
            "signed with the key {key}; whose key that is cannot be told without --allowed-signers"
        ).format(key=signed.key)
    if signed.state == "not-signed":
        return _("not signed")
    words = {"refused": _("signed by nobody who may"), "altered": _("not signed as it stands")}
    return f"{words[signed.state]}: {signed.why}"


def _anchored(verdict: Verdict) -> list[str]:
    if not verdict.unaltered or verdict.unread:
        return []
    if not verdict.anchors:
        return [_("not anchored: no head of the log is recorded as written to Azure")]
    return [
        _(
            "anchored: event {seq} is recorded as written to Azure job {job} ({where}); compare it there: {text}"
        ).format(seq=one.seq, job=one.job_id, where=one.where, text=one.text)
        for one in verdict.anchors
    ]
