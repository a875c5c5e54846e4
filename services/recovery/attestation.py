"""What people say of a run when it is over: a verdict each, and findings to be dealt with. Both are kept with the run
and stand in its newest record; the record before stays beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from services.evidence import folder, history
from services.evidence.entries import Attested, Finding
from services.evidence.model import Attestation
from services.evidence.signing import Signer
from services.evidence.verify import verify
from services.journal.journal import Journal
from services.names import meant
from services.problems.model import Problem, RefusedError, UsageError
from services.text import _, plain

VERDICTS = ("pass", "qualified", "fail")
"""From the best to the worst: the worst that anybody gave is the verdict on the run."""
SEVERITIES = ("low", "medium", "high")
STEP = "attestation"
_ATTESTED, _FINDINGS = "attested", "findings"


@dataclass(frozen=True)
class Said:
    """One person's word on a run."""

    verdict: str
    person: Attested
    findings: tuple[Finding, ...] = ()


def finding(text: str) -> Finding:
    """A finding as `SEVERITY; WHAT; OWNER; DUE; RETEST`, the last three as wanted, DUE as YYYY-MM-DD. UsageError."""
    severity, what, owner, due, retest = ([part.strip() for part in text.split(";")] + [""] * 5)[:5]
    if severity not in SEVERITIES or not what or text.count(";") > 4:
        raise _wrong(
            text, _("give SEVERITY; WHAT; OWNER; DUE; RETEST, with a severity of low, medium or high")
        )
    try:
        date.fromisoformat(due or "2000-01-01")
    except ValueError as error:
        raise _wrong(text, _("the day that it is due is no date such as 2026-12-31")) from error
    return Finding(severity, what, owner, due, retest)


def attest(journal: Journal, parent: Path, name: str, said: Said, signer: Signer | None = None) -> Path:
    """Add a person's word to the record of this name (of a folder below `parent`, or of its run); the newest folder.

    RefusedError for a record that is altered, that this journal did not make, or without a right to write;
    UsageError for a name that nothing has; ProblemError when disk or key do not allow it.
    """
    entry = _newest(parent, name)
    record = entry.record
    assert record is not None
    if not verify(entry.path).unaltered:
        raise RefusedError(
            Problem("evidence-altered", entry.name, _("It is altered, so nobody can attest it."))
        )
    run = record.identity.run
    engagement = next((one for one in journal.engagements() if one.name == run), None)
    if engagement is None:
        what = _("This journal did not make it; attest it where it was made.")
        raise RefusedError(Problem("foreign-evidence", entry.name, what))
    facts = journal.facts(engagement.id)
    word = {**asdict(said.person), "verdict": said.verdict}
    added = {
        _ATTESTED: [*(facts.get(_ATTESTED) or []), word],
        _FINDINGS: [*(facts.get(_FINDINGS) or []), *(asdict(one) for one in said.findings)],
    }
    journal.save_facts(engagement.id, STEP, added)
    attestation, findings = of(added)
    return folder.write(
        journal, engagement.id, replace(record, attestation=attestation, findings=findings), parent, signer
    )


def of(facts: Mapping[str, Any]) -> tuple[Attestation, list[Finding]]:
    """What was said of a run, by its facts."""
    words = facts.get(_ATTESTED) or []
    people = [
        Attested(one["name"], one["role"], one["at"], f"{one['verdict']}: {one['statement']}")
        for one in words
    ]
    worst = max((VERDICTS.index(one["verdict"]) for one in words), default=None)
    verdict = "" if worst is None else VERDICTS[worst]
    return Attestation(verdict, by=people), [Finding(**one) for one in facts.get(_FINDINGS) or []]


def _newest(parent: Path, name: str) -> history.Entry:
    """The newest readable record of the run that a folder, or a run, of this name has."""
    found = [one for one in history.entries(parent) if one.record is not None]
    asked = history.entry(parent / name).record if name == Path(name).name else None
    run = asked.identity.run if asked else name
    for one in found:
        if one.record is not None and one.record.identity.run == run:
            return one
    what = _("There is no evidence of this name that can be read.")
    raise UsageError(
        Problem("no-evidence", plain(name), what, remedy=meant(name, [one.name for one in found]))
    )


def _wrong(text: str, why: str) -> UsageError:
    return UsageError(Problem("finding", plain(text, 80), why))
