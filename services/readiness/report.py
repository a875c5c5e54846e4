"""Findings as JSON, CSV and Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from services.readiness.model import Evidence, Finding, Status, Waiver
from services.text import plain

COLUMNS = ("target", "id", "status", "what", "cause", "fix", "source", "evidence", "by", "reason", "until")


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as ids, codes and values; a waiver adds by, reason and until."""
    shown: dict[str, Any] = {
        "id": finding.id,
        "target": finding.target,
        "status": str(finding.status),
        "what": finding.what,
        "evidence": [{"command": item.command, "output": item.output} for item in finding.evidence],
        "cause": finding.cause,
        "fix": finding.fix,
        "source": finding.source,
    }
    if finding.waiver:
        shown |= {"by": finding.waiver.by, "reason": finding.waiver.reason, "until": finding.waiver.until}
    return shown


def finding_from_json(body: Mapping[str, Any]) -> Finding:
    """The finding of a JSON object that `finding_json` made."""
    texts = {name: str(body.get(name, "")) for name in ("what", "cause", "fix", "source")}
    status = Status(body["status"])
    evidence = tuple(Evidence(str(item["command"]), str(item["output"])) for item in body["evidence"])
    waiver = None
    if status is Status.WAIVED:
        given = [str(body.get(name, "")) for name in ("reason", "by", "until")]
        waiver = Waiver(str(body["id"]), str(body["target"]), *given)
    return Finding(str(body["id"]), str(body["target"]), status, evidence=evidence, waiver=waiver, **texts)


def as_json(findings: Sequence[Finding]) -> str:
    """One object, `{"findings": [...]}`, in ASCII."""
    return json.dumps({"findings": [finding_json(finding) for finding in findings]}, indent=1) + "\n"


def as_csv(findings: Sequence[Finding]) -> str:
    """One line a finding, the first names the columns; a cell never begins as a formula would."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for finding in findings:
        row = finding_json(finding)
        row["evidence"] = " | ".join(f"{item.command}: {item.output}" for item in finding.evidence)
        writer.writerow({key: _cell(str(value)) for key, value in row.items()})
    return out.getvalue()


def as_markdown(findings: Sequence[Finding], title: str) -> str:
    """A table of all findings, then a paragraph for each that is not ok. `title` names the world."""
    lines = [f"# {_inline(title)}", "", "| machine | check | state | found |", "|---|---|---|---|"]
    for finding in findings:
        cells = (finding.target, finding.id, str(finding.status), finding.what)
        lines.append("| " + " | ".join(_inline(cell) for cell in cells) + " |")
    for finding in findings:
        if finding.status != "ok":
            lines += ["", *_paragraph(finding)]
    return "\n".join(lines) + "\n"


def _paragraph(finding: Finding) -> list[str]:
    lines = [
        f"## {_inline(finding.target)}: {_inline(finding.id)}, {finding.status}",
        "",
        _inline(finding.what),
    ]
    if finding.waiver:
        waiver = finding.waiver
        until = f" until {waiver.until}" if waiver.until else ""
        lines.append(_inline(f"Waived by {waiver.by}{until}: {waiver.reason}"))
    for name, text in (("Why", finding.cause), ("Fix", finding.fix), ("Source", finding.source)):
        if text:
            lines += ["", f"{name}: {_inline(text)}"]
    for item in finding.evidence:
        block = [*item.command.splitlines(), *(f"  {line}" for line in item.output.splitlines())]
        lines += ["", *(f"    {plain(line)}" for line in block)]
    return lines


def _cell(text: str) -> str:
    shown = plain(text.replace("\n", " / "), 4_000)
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@") else shown


def _inline(text: str) -> str:
    shown = plain(text)
    for sign in "\\`*_[]<>|#":
        shown = shown.replace(sign, f"\\{sign}")
    return shown
