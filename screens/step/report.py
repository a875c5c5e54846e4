"""What stands under the fields: checks, problems, the plan, what is being done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from screens.state import Phase, StepDesk
from screens.style import Cell, Line, column, state, text, wrapped
from screens.welcome import problem_lines
from services.problems.model import Problem
from services.readiness.model import Finding, Status
from services.text import _, plain

WORST_FIRST = (Status.FAILED, Status.UNKNOWN, Status.WARNING, Status.WAIVED, Status.OK)
LOG_LINES = 4
"""Newest lines of a followed log that stand on the page."""
SHORT = 6
"""Findings that stand on the step's page; the others are on the page of findings."""
JOB_WORDS = {
    "NotStarted": "-",
    "InProgress": "runs",
    "Succeeded": "done",
    "Failed": "failed",
    "Cancelled": "ended",
    "Cancelling": "ends",
    "Suspended": "waits",
}


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Findings as they matter: what fails is on top."""
    return sorted(findings, key=lambda one: WORST_FIRST.index(one.status))


def check_lines(desk: StepDesk, width: int) -> list[Line]:
    """The section of checks."""
    if desk.phase is Phase.LOOKING:
        return [text(""), text(_("Checks"), "bold"), text("  " + looking(desk), "dim")]
    if not desk.findings:
        return []
    lines = [text(""), text(_("Checks"), "bold")]
    findings = worst_first(desk.findings)
    for finding in findings[:SHORT]:
        lines += finding_lines(finding, width)
    if len(findings) > SHORT:
        rest = _("and {count} more: f shows all").format(count=len(findings) - SHORT)
        lines.append((Cell(" " * 10), Cell(rest, "dim")))
    return lines


def looking(desk: StepDesk) -> str:
    """How far the look has come."""
    if desk.looked is None:
        return _("looking ...")
    said = _("looking: {machines} of {of} machines, at {target}")
    return said.format(
        machines=desk.looked["machines"], of=desk.looked["of"], target=plain(str(desk.looked["target"]), 30)
    )


def finding_lines(finding: Finding, width: int) -> list[Line]:
    """A finding as a state and a sentence; what fails also says why and what would do."""
    what = plain(f"{finding.target}: {_(finding.what)}" if finding.target else _(finding.what))
    lines = _hang(state(_(finding.status.value), 8), what, width)
    if finding.status in (Status.FAILED, Status.UNKNOWN):
        for content in (finding.cause, finding.fix):
            if content:
                lines += _hang(Cell(" " * 8), plain(_(content)), width, "dim")
    return lines


def _hang(head: Cell, content: str, width: int, style: str = "") -> list[Line]:
    pieces = wrapped(content, width - 10, style) or [text("")]
    return [(Cell("  "), head if n == 0 else Cell(" " * 8), *piece) for n, piece in enumerate(pieces)]


def problems_section(problems: Sequence[Problem], width: int) -> list[Line]:
    """Why it did not work out, in short; the page of problems has it all."""
    lines: list[Line] = []
    for problem in problems[:2]:
        lines += [text(""), *problem_lines(problem, width)]
    if problems:
        lines.append(text(_("p shows request id, source and raw text."), "dim"))
    return lines


def plan_lines(desk: StepDesk, width: int) -> list[Line]:
    """The section of the plan: what will be done once it is confirmed."""
    lines: list[Line] = [text(""), text(_("Plan: nothing has been done yet"), "bold")]
    for action, plan in desk.changes:
        for change in plan.changes:
            what = plain(f"{_(change.thing)} {change.name}")
            lines += _hang(column(_(change.kind), 8), what, width)
            if change.detail:
                lines += _hang(Cell(" " * 8), plain(_(change.detail)), width, "dim")
        for note in plan.notes:
            lines += wrapped(plain(_(note)), width - 2, indent="")
        if action.manual:
            lines += [text(_("You do this"), "accent"), *wrapped(_(action.manual), width - 2)]
    return lines


def needs_line(desk: StepDesk) -> str:
    """The permissions that the plan takes, as one line."""
    needs = sorted({need for _action, plan in desk.changes for need in plan.needs})
    return _("Needs {permissions}").format(permissions=", ".join(needs)) if needs else ""


def progress_lines(desk: StepDesk, titles: Mapping[str, str], width: int) -> list[Line]:
    """The section of what is being done: actions, their jobs, what is awaited."""
    heading = _("Done") if desk.phase is Phase.DONE else _("Being done")
    lines: list[Line] = [text(""), text(heading, "bold")]
    for action_id, title in titles.items():
        word = {"start": "runs", "done": "done"}.get(desk.actions.get(action_id, ""), "-")
        if word == "runs" and desk.phase is Phase.FAILED:
            word = "failed"
        lines += _hang(state(word, 8), _(title), width)
    for job in desk.jobs.values():
        lines += job_lines(job, width)
    for name, description in desk.items.items():
        lines += _hang(state("item", 8), plain(f"{name}: {description}"), width)
    for line in desk.log[-LOG_LINES:]:
        lines += [(Cell("  "), *piece) for piece in wrapped(plain(line), width - 2, "dim", "  ")]
    if desk.handed is not None:
        handed = _("By hand: {path} with {key}")
        lines += wrapped(
            handed.format(path=plain(desk.handed["path"]), key=plain(desk.handed["key"])), width, "accent"
        )
    for awaited in dict.fromkeys(desk.waits):
        lines += _hang(state("waits", 8), _("for {thing}").format(thing=plain(awaited)), width)
    if any(job["state"] == "InProgress" for job in desk.jobs.values()):
        lines.append(text(""))
        lines += wrapped(
            _("You may close the terminal: the job runs in Azure and is found again. j shows its tasks."),
            width,
        )
    return lines


def job_lines(job: Mapping[str, Any], width: int) -> list[Line]:
    """A job on one line or two: its state, its name, the task that runs."""
    word = JOB_WORDS.get(str(job["state"]), plain(str(job["state"]), 8))
    title = plain(f"{job.get('title') or job.get('scenario')}  {job['target']}")
    lines = _hang(state(word, 8), title, width)
    running = [plain(str(task["title"])) for task in job["tasks"] if task["state"] == "InProgress"]
    if running:
        lines += _hang(Cell(" " * 8), ", ".join(running), width, "dim")
    return lines
