"""What people say of a run is in its newest record, signed where wanted, and the record before still stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.evidence import folder, history
from services.evidence.model import Attestation
from services.evidence.verify import verify
from services.journal.journal import Actor, Journal
from tests.evidence import samples
from tui.main import lifeboat


@pytest.fixture
def drilled(tmp_path: Path) -> Path:
    """A state folder with one drill that nobody has attested; the folder of its record."""
    journal = Journal.open(tmp_path / "practice", "practice", Actor())
    record = samples.record()
    record.attestation, record.findings = Attestation(), []
    path = folder.write(
        journal,
        journal.engagement(samples.RUN, "recovery").id,
        record,
        tmp_path / "practice" / "evidence",
    )
    journal.close()
    return path


def attest(drilled: Path, *arguments: str, record: str = "") -> Result:
    root = drilled.parents[2]
    command = ["--practice", "--state", str(root), "evidence", "attest", record or drilled.name]
    return CliRunner().invoke(lifeboat, [*command, *arguments])


def test_two_people_speak_and_the_worst_verdict_stands(drilled: Path) -> None:
    pass_ = ("--verdict", "pass", "--statement", "The page answered.", "--name", "Ann", "--role", "owner")
    assert attest(drilled, *pass_).exit_code == 0
    high = "high; Sign-in took 9 minutes; ops; 2026-12-31; drill of March"
    second = attest(
        drilled, "--verdict", "qualified", "--statement", "Slow.", "--name", "Bo", "--finding", high
    )
    assert second.exit_code == 0, second.stderr
    newest = Path(second.stdout.splitlines()[-1])
    [entry] = history.entries(drilled.parent)
    assert entry.path == newest
    assert entry.record is not None
    said = entry.record.attestation
    assert said.verdict == "qualified"
    assert [(one.name, one.role, one.statement) for one in said.by] == [
        ("Ann", "owner", "pass: The page answered."),
        ("Bo", "", "qualified: Slow."),
    ]
    [found] = entry.record.findings
    assert (found.severity, found.owner, found.due, found.retest) == (
        "high",
        "ops",
        "2026-12-31",
        "drill of March",
    )
    assert verify(newest).unaltered
    assert verify(drilled).unaltered
    assert "Sign-in took 9 minutes" in (newest / folder.MARKDOWN).read_text(encoding="utf-8")


def test_an_altered_record_is_attested_by_nobody(drilled: Path) -> None:
    (drilled / folder.MARKDOWN).write_text("all is well")
    refused = attest(drilled, "--verdict", "pass", "--statement", "Fine.")
    assert (refused.exit_code, "altered" in refused.stderr) == (4, True)
    assert len(history.folders(drilled.parent)) == 1


def test_a_journal_that_did_not_make_it_says_so(drilled: Path, tmp_path: Path) -> None:
    (tmp_path / "practice" / "journal.sqlite").unlink()
    refused = attest(drilled, "--verdict", "pass", "--statement", "Fine.")
    assert (refused.exit_code, "did not make it" in refused.stderr) == (4, True)


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        ("urgent; DNS is slow", "low, medium or high"),
        ("high;", "low, medium or high"),
        ("high; DNS is slow; ops; tomorrow", "no date such as 2026-12-31"),
        ("high; a; b; 2026-12-31; d; e", "low, medium or high"),
    ],
)
def test_a_finding_in_another_form_is_refused_before_anything_is_kept(
    drilled: Path, finding: str, said: str
) -> None:
    refused = attest(drilled, "--verdict", "pass", "--statement", "Fine.", "--finding", finding)
    assert (refused.exit_code, said in refused.stderr) == (2, True), refused.stderr
    [entry] = history.entries(drilled.parent)
    assert entry.record is not None
    assert entry.record.attestation.by == []


def test_an_unknown_name_is_told_with_the_names_that_there_are(drilled: Path) -> None:
    refused = attest(drilled, "--verdict", "pass", "--statement", "Fine.", record="drill_app-02")
    assert (refused.exit_code, drilled.name in refused.stderr) == (2, True)
