"""Findings as JSON, CSV and Markdown."""

from __future__ import annotations

import csv
import io
import json

from services.readiness.model import Evidence, Finding, Status, Waiver
from services.readiness.report import as_csv, as_json, as_markdown

BAD = Finding(
    "ssh-22",
    "app-03",
    Status.FAILED,
    "SSH | does not answer.\x1b[31m",
    (Evidence("connect 10.1.0.13:22", "refused\n=cmd"),),
    cause="sshd is stopped",
    fix="start it",
    source="Azure Stack article",
)
NAT = Waiver("private-address", "web-01", "NAT", "op", "2027-01-01")
WAIVED = Finding(
    "private-address",
    "web-01",
    Status.WAIVED,
    "public",
    waiver=Waiver("private-address", "web-01", "NAT", "op", "2027-01-01"),
)
GOOD = Finding("clock-skew", "=evil", Status.OK, "right")


def test_json_holds_every_finding_with_the_keys_that_are_promised() -> None:
    listed = json.loads(as_json([BAD, WAIVED]))["findings"]
    assert listed[0]["evidence"] == [{"command": "connect 10.1.0.13:22", "output": "refused\n=cmd"}]
    assert {"id", "target", "status", "evidence", "cause", "fix", "source"} <= set(listed[0])
    assert (listed[0]["status"], listed[1]["status"]) == ("failed", "waived")
    assert (listed[1]["by"], listed[1]["reason"], listed[1]["until"]) == ("op", "NAT", "2027-01-01")
    assert "by" not in listed[0]


def test_csv_has_one_line_a_finding_and_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv([BAD, WAIVED, GOOD]))))
    assert [row["target"] for row in rows] == ["app-03", "web-01", "'=evil"]
    assert rows[1]["by"] == "op"
    assert as_csv([BAD, WAIVED, GOOD]).count("\n") == 4


def test_markdown_has_a_table_and_tells_what_is_not_ok() -> None:
    text = as_markdown([BAD, WAIVED, GOOD], "Readiness, PRACTICE")
    assert "| app-03 | ssh-22 | failed | SSH \\| does not answer.?\\[31m |" in text
    assert "## app-03: ssh-22, failed" in text
    assert "Fix: start it" in text
    assert "Waived by op until 2027-01-01: NAT" in text
    assert "## =evil" not in text
    assert "\x1b" not in text
